namespace MlOps.Sdk.MLNet;

/// <summary>Reads points in time of a column without missing values.</summary>
internal sealed class TimestampGetter(ViewCursor cursor) : ColumnGetter<long, DateTime>(cursor)
{
    private protected override void Read(ref DateTime value)
    {
        var values = Values;
        var row = Cursor.Row;
        if ((uint)row >= (uint)values.Length) throw ViewCursor.NoRow();
        value = new DateTime(values[row], DateTimeKind.Utc);
    }
}
