using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Training;

/// <summary>What a model reads and writes.</summary>
/// <param name="Task">What is predicted.</param>
/// <param name="Features">The length of a feature vector.</param>
/// <param name="Outputs">Scores per row: 1 for binary (P(positive)) and regression (the number), one per class for multiclass.</param>
public sealed record ModelSignature(TaskKind Task, int Features, int Outputs)
{
    /// <summary>Rejects a block of another width, or an output that is too short.</summary>
    /// <param name="rows">The block.</param>
    /// <param name="output">Where the predictions go.</param>
    /// <param name="readsSparse">Whether the model reads sparse features.</param>
    internal void CheckBlock(in FeatureBlock rows, ReadOnlySpan<double> output, bool readsSparse = false)
    {
        if (!rows.IsDense && !readsSparse) throw new ArgumentException("The model does not read sparse features.", nameof(rows));
        if (rows.Width != Features) throw new ArgumentException($"The model reads {Features} features, not {rows.Width}.", nameof(rows));
        if (output.Length < (long)rows.RowCount * Outputs)
        {
            throw new ArgumentException(
                $"{rows.RowCount} rows need room for {(long)rows.RowCount * Outputs} outputs, not {output.Length}.",
                nameof(output));
        }
    }
}
