using MlOps.Sdk;
using MlOps.Sdk.Data;

namespace CanaryExample;

/// <summary>Customers of the table as they come in, again and again, each as values by column.</summary>
internal sealed class Customers
{
    private readonly Dataset _rows;
    private int _next;

    private Customers(string path, Dataset rows) => (Path, _rows) = (path, rows);

    public string Path { get; }

    public static async Task<Customers> ReadAsync(string path, CancellationToken cancellationToken) =>
        new(path, await DataSources.Csv(path).ReadAllAsync(cancellationToken: cancellationToken));

    public IEnumerable<IReadOnlyDictionary<string, object?>> Next(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var row = _next++ % _rows.RowCount;
            yield return _rows.Schema.ToDictionary(field => field.Name, field => ValueOf(_rows[field.Name], field.Type, row));
        }
    }

    private static object? ValueOf(Column column, ColumnType type, int row) => column.GetText(row) is null ? null : type switch
    {
        ColumnType.Text => column.GetText(row),
        ColumnType.Integer => (long)column.GetNumber(row),
        _ => column.GetNumber(row),
    };
}
