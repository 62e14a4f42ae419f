using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>An expectation that looks at some columns of each row.</summary>
internal sealed class TupleExpectation(
    IReadOnlyList<string> columns,
    string name,
    string description,
    Func<IReadOnlyList<Field>, TupleExpectation.Test> begin,
    TablePlan? plan = null) : ITableExpectation
{
    public TablePlan Plan => plan ?? new DistinctPlan(columns);

    /// <summary>Says of each row of some columns whether it fails.</summary>
    public delegate void Test(IReadOnlyList<Column> columns, Span<bool> failed);

    public string Name => name;

    public string Description => description;

    public ExpectationCheck Begin(Schema schema)
    {
        NearestName.Require(columns, $"The expectation '{name}'", schema);
        int[] places = [.. columns.Select(schema.IndexOf)];
        return new Pass(schema, places, begin([.. places.Select(place => schema[place])]));
    }

    private sealed class Pass(Schema schema, int[] places, Test test) : ExpectationCheck
    {
        public override void Check(RecordBatch batch, Span<bool> failed) =>
            test(Array.ConvertAll(places, place => batch.Columns[place]), failed);

        public override string Show(RecordBatch batch, int row) =>
            string.Join(", ", places.Select(place => $"{schema[place].Name} = {batch.Columns[place].GetText(row) ?? "nothing"}"));
    }
}
