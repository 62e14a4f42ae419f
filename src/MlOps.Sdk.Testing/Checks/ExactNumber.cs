using System.Globalization;

namespace MlOps.Sdk.Testing;

/// <summary>A number that equals another exactly when their bits are the same, and that a failed test shows as a number.</summary>
internal readonly struct ExactNumber(double value) : IEquatable<ExactNumber>
{
    private readonly long _bits = BitConverter.DoubleToInt64Bits(value);

    public bool Equals(ExactNumber other) => _bits == other._bits;

    public override bool Equals(object? obj) => obj is ExactNumber other && Equals(other);

    public override int GetHashCode() => _bits.GetHashCode();

    // NaN has many bits.
    public override string ToString()
    {
        var number = BitConverter.Int64BitsToDouble(_bits);
        return double.IsNaN(number) ? FormattableString.Invariant($"NaN ({_bits:x})") : number.ToString("R", CultureInfo.InvariantCulture);
    }
}
