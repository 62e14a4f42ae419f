using MlOps.Sdk.Data;

namespace MlOps.Sdk.Testing;

/// <summary>Counts the distinct values of a column by comparing them.</summary>
internal static class DistinctCounts
{
    public static double DistinctValues(this Column column)
    {
        var values = new HashSet<object>();
        for (var row = 0; row < column.Length; row++)
        {
            if (column.IsNull(row) || column is NumberColumn numbers && double.IsNaN(numbers.Values[row])) continue;
            values.Add(column switch
            {
                Column<long> whole => whole.Values[row],
                TextColumn texts => texts.GetText(row)!,
                _ => column.GetNumber(row),
            });
        }

        return values.Count;
    }
}
