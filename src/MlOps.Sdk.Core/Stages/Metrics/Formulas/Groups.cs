using MlOps.Sdk.Data;

namespace MlOps.Sdk.Metrics;

/// <summary>Columns by which metrics group rows, read when a metric requests them.</summary>
internal static class Groups
{
    /// <summary>The group per row for every column but the label; a column is turned into text when it is requested.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string?>> Of(Dataset rows, string label) =>
        rows.Schema
            .Where(field => field.Name != label && field.Type != ColumnType.Vector)
            .ToDictionary(field => field.Name, field => (IReadOnlyList<string?>)new ColumnTexts(rows[field.Name]));

    private sealed class ColumnTexts(Column column) : IReadOnlyList<string?>
    {
        public int Count => column.Length;

        public string? this[int index] => column.GetText(index);

        public IEnumerator<string?> GetEnumerator()
        {
            for (var i = 0; i < column.Length; i++) yield return column.GetText(i);
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
