using MlOps.Sdk.Data;

namespace MlOps.Sdk.Features;

/// <summary>A feature per level seen in training, and one for everything else.</summary>
internal sealed class OneHotTransform(
    IReadOnlyList<string> columns, int maxLevels, int mostDense = OneHotTransform.MostDense) : IFeatureTransform
{
    /// <summary>From here on nearly all memory would hold zeros.</summary>
    public const int MostDense = 1024;

    public IReadOnlyList<string> Inputs => columns;

    public ValueTask<IFittedTransform> FitAsync(IFitContext context, CancellationToken cancellationToken = default)
    {
        OneHotColumnState[] fitted = [.. Fit(context.Rows, cancellationToken)];
        return ValueTask.FromResult<IFittedTransform>(new FittedOneHotTransform(new OneHotState
        {
            Columns = fitted,
            Sparse = fitted.Sum(column => column.Width) > mostDense,
        }));
    }

    public IEnumerable<OneHotColumnState> Fit(Dataset rows, CancellationToken cancellationToken)
    {
        NearestName.Require(columns, "OneHot(…)", rows.Schema);
        foreach (var name in columns)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return Fit(rows.Schema[name], rows[name]);
        }
    }

    private OneHotColumnState Fit(Field field, Column column)
    {
        if (field.Type is ColumnType.Vector or ColumnType.Timestamp)
        {
            throw new MlOpsException(
                $"The column '{field.Name}' is {field.Type} and has no levels.",
                "Use Numeric for timestamps, or derive a text in ProcessData.") { Column = field.Name };
        }

        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        var missing = false;
        for (var row = 0; row < column.Length; row++)
        {
            if (!column.IsMissing(row) && column.GetText(row) is { } text) counts[text] = counts.GetValueOrDefault(text) + 1;
            else missing = true;
        }

        return new OneHotColumnState
        {
            Field = WholeNumbers.Widen(field, column),
            Levels = [.. counts
                .OrderByDescending(level => level.Value)
                .ThenBy(level => level.Key, StringComparer.Ordinal)
                .Take(maxLevels)
                .Select(level => level.Key)
                .Order(StringComparer.Ordinal)],
            Missing = missing,
        };
    }
}
