using System.Buffers;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Training;

/// <summary>What a trainer made: a model of features or one of columns.</summary>
/// <param name="Model">The model that reads features; <see langword="null"/> when <paramref name="RowModel"/> is there.</param>
/// <param name="RowModel">The model that reads columns; <see langword="null"/> when <paramref name="Model"/> is there.</param>
internal sealed record TrainedModel(IModel? Model, IRowModel? RowModel) : IDisposable
{
    private const int BlockRows = 1024;

    /// <summary>Whether missing and infinite features are rejected, as the trainer rejected them.</summary>
    public bool RefusesMissing { get; init; }

    public ModelSignature Signature => Model?.Signature ?? RowModel!.Signature;

    public string FormatId => Model?.FormatId ?? RowModel!.FormatId;

    /// <summary>Reads a saved model.</summary>
    /// <exception cref="MlOpsException">No reader is registered for the format, or the bytes are damaged.</exception>
    public static TrainedModel Read(
        FormatReaders readers, string formatId, ReadOnlyMemory<byte> bytes, bool readsColumns, bool refusesMissing) => readsColumns
        ? new TrainedModel(null, readers.Read<IRowModel>(formatId, bytes))
        : new TrainedModel(readers.Read<IModel>(formatId, bytes), null) { RefusesMissing = refusesMissing };

    public void Save(IBufferWriter<byte> to)
    {
        if (Model is not null) Model.Save(to);
        else RowModel!.Save(to);
    }

    /// <summary>Predicts rows, block by block.</summary>
    /// <returns>Row by row the model's outputs.</returns>
    public double[] Predict(LearningRows rows, CancellationToken cancellationToken)
    {
        var outputs = Signature.Outputs;
        var count = rows.Labels.Length;
        var scores = new double[count * outputs];
        var buffer = new float[Math.Min(BlockRows, count) * (Model is null ? 0 : rows.Features!.DenseWidth)];
        Column[] columns = RowModel is null ? [] : [.. RowModel.Inputs.Select(field => rows.Table!.Value[field.Name])];
        using var scratch = new PredictScratch();
        for (var start = 0; start < count; start += BlockRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var taken = Math.Min(BlockRows, count - start);
            var to = scores.AsSpan(start * outputs, taken * outputs);
            if (Model is not null) Model.Predict(rows.Features!.Block(start, taken, buffer), to, scratch);
            else RowModel!.Predict(new RowBlock(columns, start, taken), to, scratch);
        }

        return scores;
    }

    public void Dispose()
    {
        Model?.Dispose();
        RowModel?.Dispose();
    }
}
