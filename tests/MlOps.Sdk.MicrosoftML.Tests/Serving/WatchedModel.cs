using System.Buffers;
using MlOps.Sdk.Features;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>A model that tells a ledger what is done with it.</summary>
internal sealed class WatchedModel(IModel inner, ModelLedger ledger) : IModel
{
    private readonly CallWatch _calls = new(ledger);

    public IModel Inner => inner;

    public ModelSignature Signature => inner.Signature;

    public string FormatId => inner.FormatId;

    public void Predict(in FeatureBlock rows, Span<double> output, PredictScratch scratch)
    {
        _calls.Begin(scratch);
        inner.Predict(rows, output, scratch);
        _calls.End();
    }

    public void Save(IBufferWriter<byte> to) => inner.Save(to);

    public void Dispose()
    {
        _calls.Dispose();
        inner.Dispose();
    }
}
