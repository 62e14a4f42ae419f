using MlOps.Sdk.Data;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Features;

/// <summary>
/// Chooses by column type: numbers and timestamps are imputed and standardized, booleans imputed, text is one-hot encoded.
/// Left out are the label, what is excepted, columns without a value or with a single one, and text that is nearly unique.
/// </summary>
internal sealed class AutoTransform(IReadOnlyList<string> except, int maxLevels) : IFeatureTransform
{
    public IReadOnlyList<string> Inputs => [];

    public ValueTask<IFittedTransform> FitAsync(IFitContext context, CancellationToken cancellationToken = default)
    {
        var rows = context.Rows;
        var (numeric, flags, text) = Choose(rows, Never(context), null);
        return ValueTask.FromResult<IFittedTransform>(new FittedAutoTransform(new AutoState
        {
            Numeric = new NumericState
            {
                Columns =
                [
                    .. new NumericTransform(numeric, Imputation.Median, standardize: true).Fit(rows, cancellationToken),
                    .. new NumericTransform(flags, Imputation.Zero, standardize: false).Fit(rows, cancellationToken),
                ],
            },
            OneHot = new OneHotState { Columns = [.. new OneHotTransform(text, maxLevels).Fit(rows, cancellationToken)] },
        }));
    }

    public IReadOnlyList<FeatureExclusion> Exclusions(IFitContext context)
    {
        var exclusions = new List<FeatureExclusion>();
        Choose(context.Rows, Never(context), exclusions);
        return exclusions;
    }

    private static string[] Never(IFitContext context) =>
        [context.Problem.Label, .. context.Observed, .. context.Weight is { } weight ? [weight] : Array.Empty<string>()];

    private (List<string> Numeric, List<string> Flags, List<string> Text) Choose(
        Dataset rows, IReadOnlyList<string> never, List<FeatureExclusion>? exclusions)
    {
        List<string> numeric = [], flags = [], text = [];
        foreach (var field in rows.Schema)
        {
            if (never.Contains(field.Name) || except.Contains(field.Name)) continue;
            var column = rows[field.Name];
            if (WhyNot(field, column) is { } reason)
            {
                exclusions?.Add(new FeatureExclusion(field.Name, reason));
                continue;
            }

            (field.Type switch
            {
                ColumnType.Text => text,
                ColumnType.Boolean => flags,
                _ => numeric,
            }).Add(field.Name);
        }

        return (numeric, flags, text);
    }

    private static string? WhyNot(Field field, Column column)
    {
        if (field.Type == ColumnType.Vector) return "Auto() does not read vectors; apply your own transform.";
        var distinct = new HashSet<string>(StringComparer.Ordinal);
        var numbers = new HashSet<double>();
        var values = 0;
        for (var row = 0; row < column.Length; row++)
        {
            if (field.Type == ColumnType.Text)
            {
                if (column.GetText(row) is not { } text) continue;
                distinct.Add(text);
            }
            else
            {
                var number = column.GetNumber(row);
                if (!double.IsFinite(number)) continue;
                if (numbers.Count < 2) numbers.Add(number);
            }

            values++;
        }

        if (values == 0) return "It has no value in the training rows.";
        if (distinct.Count + numbers.Count == 1 && column.NullCount == 0) return "It has a single value in the training rows.";
        if (distinct.Count <= 20 || distinct.Count <= values / 2) return null;
        return distinct.Count(IsProse) > distinct.Count / 2
            ? $"It is free text with {Prose.Count(distinct.Count)} different values in {Prose.Count(values)} rows, which Auto() " +
                "does not read. Write an IFeatureTransform for it, or derive columns from it in ProcessData."
            : $"It is text with {Prose.Count(distinct.Count)} different values in {Prose.Count(values)} rows, like an identifier.";
    }

    // Four words or more.
    private static bool IsProse(string text) => text.AsSpan().Trim().Count(' ') >= 3;
}
