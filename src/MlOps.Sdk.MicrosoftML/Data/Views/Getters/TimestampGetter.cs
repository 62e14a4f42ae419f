namespace MlOps.Sdk.MLNet;

/// <summary>Reads points in time of a column without missing values.</summary>
internal sealed class TimestampGetter(ViewCursor cursor) : ColumnGetter<long, DateTime>(cursor)
{
    private protected override void Read(ref DateTime value) => value = new DateTime(Element(), DateTimeKind.Utc);
}
