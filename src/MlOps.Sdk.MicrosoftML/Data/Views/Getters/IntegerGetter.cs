namespace MlOps.Sdk.MLNet;

/// <summary>Reads integers of a column without missing values.</summary>
internal sealed class IntegerGetter(ViewCursor cursor) : ColumnGetter<long, long>(cursor)
{
    private protected override void Read(ref long value)
    {
        var values = Values;
        var row = Cursor.Row;
        if ((uint)row >= (uint)values.Length) throw ViewCursor.NoRow();
        value = values[row];
    }
}
