namespace MlOps.Sdk.MLNet;

/// <summary>Reads numbers; what stands where there is none is NaN.</summary>
internal sealed class NumberGetter(ViewCursor cursor) : ColumnGetter<double, double>(cursor)
{
    private protected override void Read(ref double value) => value = Element();
}
