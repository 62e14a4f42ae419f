using MlOps.Sdk;
using MlOps.Sdk.Data;

namespace CanaryExample;

/// <summary>Customers of the table as they come in, again and again, each as values by column.</summary>
internal sealed class Customers(string path)
{
    private readonly Lazy<Dataset> _rows = new(() => DataSources.Csv(path).ReadAllAsync().GetAwaiter().GetResult());
    private int _next;

    public string Path => path;

    public IEnumerable<IReadOnlyDictionary<string, object?>> Next(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var row = _next++ % _rows.Value.RowCount;
            yield return _rows.Value.Schema.ToDictionary(field => field.Name, field => ValueOf(_rows.Value[field.Name], field.Type, row));
        }
    }

    private static object? ValueOf(Column column, ColumnType type, int row) => column.GetText(row) is null ? null : type switch
    {
        ColumnType.Text => column.GetText(row),
        ColumnType.Integer => (long)column.GetNumber(row),
        _ => column.GetNumber(row),
    };
}
