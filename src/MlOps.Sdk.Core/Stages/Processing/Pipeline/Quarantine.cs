using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>
/// Quarantined rows, with the reason in the column <see cref="ReasonColumn"/>. Rows come from different places among the steps, so
/// it has the columns of all these places; a column that has different types at different places is kept as text. Not thread-safe.
/// </summary>
internal sealed class Quarantine
{
    public const string ReasonColumn = "_expectation";
    private readonly Schema _schema;
    private readonly RowSink _sink;

    public Quarantine(ArrowWriter writer, IEnumerable<Schema> places)
    {
        var fields = new Dictionary<string, Field>(StringComparer.Ordinal);
        var order = new List<string>();
        foreach (var field in places.SelectMany(schema => schema).Where(field => field.Name != ReasonColumn))
        {
            if (!fields.TryAdd(field.Name, field))
            {
                if (fields[field.Name] != field) fields[field.Name] = new Field(field.Name, ColumnType.Text);
                continue;
            }

            order.Add(field.Name);
        }

        _schema = new Schema([.. order.Select(name => fields[name]), new Field(ReasonColumn, ColumnType.Text)]);
        _sink = new RowSink(writer, _schema);
    }

    public long RowCount => _sink.RowCount;

    public ValueTask BeginAsync(CancellationToken cancellationToken) => _sink.BeginAsync(cancellationToken);

    public ValueTask CompleteAsync(CancellationToken cancellationToken) => _sink.CompleteAsync(cancellationToken);

    public ValueTask AddAsync(RecordBatch batch, int row, string reason, CancellationToken cancellationToken) => _sink.AddAsync(
        builder =>
        {
            for (var i = 0; i < _schema.Count - 1; i++)
            {
                if (!batch.Schema.TryGetIndex(_schema[i].Name, out var source)) builder[i].AppendNull();
                else if (batch.Schema[source] == _schema[i]) builder[i].Append(batch.Columns[source], row);
                else ((TextColumnBuilder)builder[i]).Append(batch.Columns[source].GetText(row));
            }

            ((TextColumnBuilder)builder[_schema.Count - 1]).Append(reason);
        },
        cancellationToken);
}
