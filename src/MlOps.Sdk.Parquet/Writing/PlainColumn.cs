using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>A column as it is stored: the values that are there, and a level per row that is 1 where there is one.</summary>
internal static class PlainColumn
{
    /// <summary>Microseconds since 1970 of UTC ticks, which are whole microseconds.</summary>
    public static long Microseconds(long ticks) => (ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static int[] Levels(Column column)
    {
        var levels = new int[column.Length];
        for (var row = 0; row < levels.Length; row++) levels[row] = column.IsNull(row) ? 0 : 1;
        return levels;
    }

    public static ReadOnlyMemory<T> Values<T>(Column<T> column)
        where T : unmanaged =>
        column.NullCount == 0 ? column.Memory : Present(column, row => column.Values[row]);

    public static ReadOnlyMemory<T> Present<T>(Column column, Func<int, T> value)
    {
        var values = new T[column.Length - column.NullCount];
        var at = 0;
        for (var row = 0; row < column.Length; row++)
        {
            if (!column.IsNull(row)) values[at++] = value(row);
        }

        return values;
    }

    /// <summary>The elements of the lists that are there, 2 or 0 where there is none, and 0 where a row begins.</summary>
    public static (ReadOnlyMemory<float> Values, int[] Definitions, int[] Repetitions) Lists(VectorColumn column)
    {
        var values = new List<float>();
        var definitions = new List<int>();
        var repetitions = new List<int>();
        for (var row = 0; row < column.Length; row++)
        {
            repetitions.Add(0);
            definitions.Add(column.IsNull(row) ? 0 : 2);
            if (column.IsNull(row)) continue;
            values.AddRange(column.GetVector(row));
            for (var i = 1; i < column.ElementCount; i++)
            {
                repetitions.Add(1);
                definitions.Add(2);
            }
        }

        return (values.ToArray(), [.. definitions], [.. repetitions]);
    }
}
