using System.Buffers;
using MlOps.Sdk.Features;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>A model that throws when it is told to, and counts how often it is asked.</summary>
internal sealed class FailingModel(IModel model) : IModel
{
    private int _calls;

    public bool Fails { get; set; }

    public int Calls => Volatile.Read(ref _calls);

    public ModelSignature Signature => model.Signature;

    public string FormatId => model.FormatId;

    public void Predict(in FeatureBlock rows, Span<double> output, PredictScratch scratch)
    {
        Interlocked.Increment(ref _calls);
        if (Fails) throw new InvalidOperationException("out of order");
        model.Predict(rows, output, scratch);
    }

    public void Save(IBufferWriter<byte> to) => model.Save(to);

    public void Dispose() => model.Dispose();
}
