using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>An expectation that looks at the values of one column.</summary>
internal sealed class ValueExpectation(
    string column, string name, string description, Func<Field, ValueExpectation.Test> begin, TablePlan? plan) : ITableExpectation
{
    public TablePlan Plan => plan ?? new DistinctPlan([column]);

    /// <summary>Says of each row of a column whether it fails.</summary>
    public delegate void Test(Column column, Span<bool> failed);

    public string Name => $"{column}.{name}";

    public string Description => $"{column} {description}";

    public ExpectationCheck Begin(Schema schema)
    {
        var index = ColumnChange.Find(schema, column, $"The expectation '{Name}'");
        return new Pass(index, begin(schema[index]));
    }

    private sealed class Pass(int index, Test test) : ExpectationCheck
    {
        public override void Check(RecordBatch batch, Span<bool> failed) => test(batch.Columns[index], failed);

        public override string? Show(RecordBatch batch, int row) => batch.Columns[index].GetText(row);
    }
}
