using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>Keeps the rows for which an expression is true; not those for which it is false or missing.</summary>
internal sealed class FilterRows(ExpressionNode predicate) : IRowSelection
{
    public SelectionPass Begin(Schema schema)
    {
        var function = new ExpressionCompiler(schema, "filter").Truth(predicate);
        return new SelectionPass(batch =>
        {
            Column[] columns = [.. batch.Columns];
            var rows = new RowBlock(columns, 0, batch.RowCount);
            var kept = new List<int>(batch.RowCount);
            for (var row = 0; row < batch.RowCount; row++)
            {
                if (function(rows, row) == 1) kept.Add(row);
            }

            return kept;
        });
    }

    public override string ToString() => $"filter({predicate})";
}
