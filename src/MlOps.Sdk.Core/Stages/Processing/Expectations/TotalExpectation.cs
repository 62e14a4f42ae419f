using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>An expectation of a column as a whole: no single row fails.</summary>
internal sealed class TotalExpectation(
    string column, string name, string description, Func<Field, ColumnTotal> begin, Func<ColumnFacts, string?> judge) : ITableExpectation
{
    public TablePlan Plan => new TotalPlan(column, judge);

    public string Name => $"{column}.{name}";

    public string Description => description;

    public ExpectationCheck Begin(Schema schema)
    {
        var index = ColumnChange.Find(schema, column, $"The expectation '{Name}'");
        return new Pass(index, begin(schema[index]));
    }

    private sealed class Pass(int index, ColumnTotal total) : ExpectationCheck
    {
        public override void Check(RecordBatch batch, Span<bool> failed) => total.Add(batch.Columns[index]);

        public override string? Complete() => total.Complete();
    }
}
