namespace MlOps.Sdk.Data;

/// <summary>Collects rows, from any batches of one schema, into a table. Not thread-safe.</summary>
internal sealed class TableBuilder(Schema schema)
{
    private readonly ColumnBuilder[] _columns = [.. schema.Select(field => ColumnBuilder.Create(field.Type, field.Length))];

    public int Count { get; private set; }

    public void Append(RecordBatch batch, int row)
    {
        for (var i = 0; i < _columns.Length; i++) _columns[i].Append(batch.Columns[i], row);
        Count++;
    }

    public Dataset Build() => new(schema, Array.ConvertAll(_columns, column => column.Build()));
}
