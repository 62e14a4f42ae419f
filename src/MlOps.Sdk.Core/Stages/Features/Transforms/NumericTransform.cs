using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Features;

/// <summary>Numbers, with missing ones imputed (and flagged where training had any), standardized where asked.</summary>
internal sealed class NumericTransform(IReadOnlyList<string> columns, Imputation imputation, bool standardize) : IFeatureTransform
{
    public IReadOnlyList<string> Inputs => columns;

    public ValueTask<IFittedTransform> FitAsync(IFitContext context, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IFittedTransform>(
            new FittedNumericTransform(new NumericState { Columns = [.. Fit(context.Rows, cancellationToken)] }));

    public IEnumerable<NumericColumnState> Fit(Dataset rows, CancellationToken cancellationToken)
    {
        NearestName.Require(columns, "Numeric(…)", rows.Schema);
        foreach (var name in columns)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return Fit(rows.Schema[name], rows[name]);
        }
    }

    private NumericColumnState Fit(Field field, Column column)
    {
        if (column.NullCount == column.Length) throw NoValue(field);
        if (field.Type is ColumnType.Text or ColumnType.Vector)
        {
            throw new MlOpsException(
                $"The column '{field.Name}' is {field.Type}, and only numbers, booleans and timestamps can be imputed and standardized.",
                ColumnTypeInference.WhyText(column) is var (cause, remedy)
                    ? $"It is text {cause} of the training part: {remedy}."
                    : "Use OneHot for text, or cast the column in ProcessData.") { Column = field.Name };
        }

        var values = new List<double>(column.Length);
        for (var row = 0; row < column.Length; row++)
        {
            var value = column.GetNumber(row);
            if (double.IsFinite(value)) values.Add(value);
        }

        if (values.Count == 0) throw NoValue(field);

        values.Sort();
        var mean = values.Sum() / values.Count;
        var deviation = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / values.Count);
        var middle = values.Count / 2;
        return new NumericColumnState
        {
            Field = WholeNumbers.Widen(field, column),
            Fill = imputation switch
            {
                Imputation.Median => values.Count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2,
                Imputation.Mean => mean,
                _ => 0,
            },
            Shift = standardize ? mean : 0,

            // A constant column is kept as zeros rather than divided by zero.
            Scale = standardize && deviation > 0 ? 1 / deviation : 1,
            Indicator = values.Count < column.Length,
        };
    }

    private static MlOpsException NoValue(Field field) =>
        new($"The column '{field.Name}' has no value in the training rows.", "Remove it from the features.") { Column = field.Name };
}
