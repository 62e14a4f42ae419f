namespace MlOps.Sdk.MLNet;

/// <summary>Reads true and false of a column without missing values.</summary>
internal sealed class BooleanGetter(ViewCursor cursor) : ColumnGetter<bool, bool>(cursor)
{
    private protected override void Read(ref bool value) => value = Element();
}
