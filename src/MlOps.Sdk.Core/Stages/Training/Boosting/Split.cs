namespace MlOps.Sdk.Training;

/// <summary>A way to split a leaf.</summary>
/// <param name="Gain">How much the loss falls, without the factor ½; not above 0 when there is no split.</param>
/// <param name="Slot">The feature.</param>
/// <param name="Bin">The last bin that goes left.</param>
/// <param name="MissingLeft">Whether rows without a value go left.</param>
/// <param name="Left">The packed sum of the rows that go left.</param>
internal readonly record struct Split(double Gain, int Slot, int Bin, bool MissingLeft, long Left)
{
    public static Split None => new(0, -1, 0, false, 0);
}
