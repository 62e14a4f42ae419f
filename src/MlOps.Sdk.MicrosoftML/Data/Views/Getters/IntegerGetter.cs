namespace MlOps.Sdk.MLNet;

/// <summary>Reads integers of a column without missing values.</summary>
internal sealed class IntegerGetter(ViewCursor cursor) : ColumnGetter<long, long>(cursor)
{
    private protected override void Read(ref long value) => value = Element();
}
