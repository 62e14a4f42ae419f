namespace MlOps.Sdk.MLNet;

/// <summary>Reads numbers; what stands where there is none is NaN.</summary>
internal sealed class NumberGetter(ViewCursor cursor) : ColumnGetter<double, double>(cursor)
{
    private protected override void Read(ref double value)
    {
        var values = Values;
        var row = Cursor.Row;
        if ((uint)row >= (uint)values.Length) throw ViewCursor.NoRow();
        value = values[row];
    }
}
