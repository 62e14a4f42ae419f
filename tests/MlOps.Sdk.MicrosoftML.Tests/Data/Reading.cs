using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>Reads views as a program does, through the getters of a cursor.</summary>
internal static class Reading
{
    /// <summary>All values of a column.</summary>
    public static T[] Values<T>(IDataView view, string column, Random? rand = null)
    {
        using var cursor = view.GetRowCursor([view.Schema[column]], rand);
        return Values<T>(cursor, column);
    }

    /// <summary>The values of a column from the cursor's next row on.</summary>
    public static T[] Values<T>(DataViewRowCursor cursor, string column)
    {
        var getter = cursor.GetGetter<T>(cursor.Schema[column]);
        var values = new List<T>();
        while (cursor.MoveNext())
        {
            T value = default!;
            getter(ref value);
            values.Add(value);
        }

        return [.. values];
    }

    /// <summary>All texts of a column.</summary>
    public static string[] Texts(IDataView view, string column) =>
        Array.ConvertAll(Values<ReadOnlyMemory<char>>(view, column), text => text.ToString());

    /// <summary>All vectors of a column.</summary>
    public static float[][] Vectors(IDataView view, string column) =>
        Array.ConvertAll(Values<VBuffer<float>>(view, column), vector => vector.DenseValues().ToArray());
}
