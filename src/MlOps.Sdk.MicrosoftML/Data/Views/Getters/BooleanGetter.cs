namespace MlOps.Sdk.MLNet;

/// <summary>Reads true and false of a column without missing values.</summary>
internal sealed class BooleanGetter(ViewCursor cursor) : ColumnGetter<bool, bool>(cursor)
{
    private protected override void Read(ref bool value)
    {
        var values = Values;
        var row = Cursor.Row;
        if ((uint)row >= (uint)values.Length) throw ViewCursor.NoRow();
        value = values[row];
    }
}
