using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Collection;

/// <summary>A range that is divided into parts of equal width. Immutable.</summary>
/// <param name="Minimum">The smallest number.</param>
/// <param name="Factor">
/// What numbers are multiplied with before anything else: the largest and the smallest ones have no differences.
/// </param>
/// <param name="Scale">How many parts there are in a unit.</param>
internal readonly record struct EvenRanges(double Minimum, double Factor, double Scale)
{
    public static EvenRanges Of(CountedRange range, int parts)
    {
        var width = range.Maximum - range.Minimum;
        var factor = double.IsInfinity(width) ? 0.5 : width < 1e-290 ? Math.ScaleB(1, 500) : 1;
        width = range.Maximum * factor - range.Minimum * factor;

        // A little less, so that the largest value is in the last part.
        return new EvenRanges(range.Minimum, factor, parts / width * (1 - 1e-9));
    }

    /// <summary>The width of a part.</summary>
    public double Width => 1 / Scale / Factor;

    /// <summary>The middle of a part, less the smallest number.</summary>
    public double CentreOf(long part) => (part + 0.5) / Scale / Factor;

    /// <summary>The number of the part in which a number is, before it is rounded down.</summary>
    public string PlaceOf(WarehouseDialect dialect, string x)
    {
        var scaled = Factor == 1 ? x : $"{x} * {dialect.Number(Factor)}";
        return $"({scaled} - {dialect.Number(Minimum * Factor)}) * {dialect.Number(Scale)}";
    }
}
