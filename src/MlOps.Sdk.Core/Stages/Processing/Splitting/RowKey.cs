using System.Buffers.Binary;
using System.Globalization;

namespace MlOps.Sdk.Processing;

/// <summary>
/// The identity of a row in 128 bits: a keyed hash of its declared key, else of its content without the label, as it was
/// collected. Equal rows have equal keys.
/// </summary>
/// <param name="High">The upper half.</param>
/// <param name="Low">The lower half.</param>
public readonly record struct RowKey(ulong High, ulong Low) : IComparable<RowKey>
{
    /// <summary>The key as a fraction in [0, 1), uniform over keys.</summary>
    public double Fraction => (High >> 11) * (1.0 / (1UL << 53));

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <param name="text">32 hexadecimal digits.</param>
    /// <exception cref="FormatException">The text is something else.</exception>
    public static RowKey Parse(string text)
    {
        var bytes = Convert.FromHexString(text);
        if (bytes.Length != 16) throw new FormatException("A row key has 32 hexadecimal digits.");
        return new RowKey(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(8)));
    }

    /// <inheritdoc/>
    public int CompareTo(RowKey other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    /// <summary>32 hexadecimal digits.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{High:x16}{Low:x16}");

    /// <summary>Whether one key orders before another.</summary>
    /// <param name="left">One key.</param>
    /// <param name="right">The other.</param>
    public static bool operator <(RowKey left, RowKey right) => left.CompareTo(right) < 0;

    /// <summary>Whether one key orders before another, or is equal.</summary>
    /// <param name="left">One key.</param>
    /// <param name="right">The other.</param>
    public static bool operator <=(RowKey left, RowKey right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one key orders behind another.</summary>
    /// <param name="left">One key.</param>
    /// <param name="right">The other.</param>
    public static bool operator >(RowKey left, RowKey right) => left.CompareTo(right) > 0;

    /// <summary>Whether one key orders behind another, or is equal.</summary>
    /// <param name="left">One key.</param>
    /// <param name="right">The other.</param>
    public static bool operator >=(RowKey left, RowKey right) => left.CompareTo(right) >= 0;
}
