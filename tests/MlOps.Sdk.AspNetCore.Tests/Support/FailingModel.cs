using System.Buffers;
using MlOps.Sdk.Features;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>A model that throws when it is told to, and counts how often it is asked.</summary>
internal sealed class FailingModel(IModel model) : IModel
{
    private int _calls;

    public bool Fails { get; set; }

    /// <summary>What it throws.</summary>
    public Func<Exception> Failure { get; set; } = () => new InvalidOperationException("out of order");

    /// <summary>Whether it gives no number, and does not say so.</summary>
    public bool GivesNaN { get; set; }

    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Puts one in the place of version 2.</summary>
    public static async Task<FailingModel> SwapAsync(Workspace workspace)
    {
        var read = await workspace.ReadPackageAsync(await workspace.Models.GetAsync(SampleLifecycle.Name, 2));
        var model = new FailingModel(read.Model!);
        var package = new ModelPackage(read.Parts with { Model = new TrainedModel(model, null) }, "failing");
        workspace.SlotOf(SampleLifecycle.Name).Swap(
            2, package, () => workspace.Monitor(SampleLifecycle.Name).NewRecorder(2, package));
        return model;
    }

    public ModelSignature Signature => model.Signature;

    public string FormatId => model.FormatId;

    public void Predict(in FeatureBlock rows, Span<double> output, PredictScratch scratch)
    {
        Interlocked.Increment(ref _calls);
        if (Fails) throw Failure();
        model.Predict(rows, output, scratch);
        if (GivesNaN) output.Fill(double.NaN);
    }

    public void Save(IBufferWriter<byte> to) => model.Save(to);

    public void Dispose() => model.Dispose();
}
