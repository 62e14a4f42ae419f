using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;

namespace MlOps.Sdk.Processing;

/// <summary>The rows of one side of the split.</summary>
/// <param name="Prepared">After the row-wise steps: what transforms and trainers see.</param>
/// <param name="Raw">The same rows before them: what a served model receives.</param>
internal sealed record SplitRows(Dataset Prepared, Dataset Raw)
{
    /// <summary>The name of a side's rows as they are before the row-wise steps.</summary>
    /// <param name="side">The name of its rows after them.</param>
    public static string RawOf(string side) => $"{side} raw";

    public static async Task<SplitRows> ReadAsync(StageContext context, string side, CancellationToken cancellationToken)
    {
        var prepared = await context.ReadRowsAsync(LifecycleStage.Processing, side, cancellationToken).ConfigureAwait(false);
        var raw = RawOf(side);
        return context.FindInput(LifecycleStage.Processing, raw) is null
            ? new SplitRows(prepared, prepared)
            : new SplitRows(prepared, await context.ReadRowsAsync(LifecycleStage.Processing, raw, cancellationToken).ConfigureAwait(false));
    }
}
