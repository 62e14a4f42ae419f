using System.Buffers;
using System.Runtime.InteropServices;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Statistics;

/// <summary>
/// HyperLogLog (Flajolet et al. 2007) with 64-bit hashes and Ertl's estimator (2017), which needs no correction for small counts:
/// the number of distinct values of a stream in 2ᵖ bytes. Merging is exact: the result is that of the joined streams. Not thread-safe.
/// </summary>
public sealed class DistinctSketch
{
    private const byte FormatVersion = 1;
    private readonly byte[] _registers;

    /// <summary>Creates an empty sketch.</summary>
    /// <param name="precision">p, between 4 and 16: 2ᵖ bytes, a standard error of 1.04/√2ᵖ. Default: 12 (4 kB, 1.6 %).</param>
    /// <exception cref="ArgumentOutOfRangeException">The precision lies outside 4 to 16.</exception>
    public DistinctSketch(int precision = 12)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(precision, 4);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(precision, 16);
        Precision = precision;
        _registers = new byte[1 << precision];
    }

    /// <summary>The precision p.</summary>
    public int Precision { get; }

    /// <summary>The standard error of <see cref="Estimate"/>, as a share of it.</summary>
    public double StandardError => 1.04 / Math.Sqrt(_registers.Length);

    /// <summary>Adds a number; −0 counts as 0, and every NaN as one value.</summary>
    /// <param name="value">The number.</param>
    public void Add(double value) => AddHash(Hash(value));

    /// <summary>Adds numbers, as <see cref="Add(double)"/> does.</summary>
    /// <param name="values">The numbers.</param>
    internal void Add(ReadOnlySpan<double> values)
    {
        foreach (var value in values) AddHash(Hash(value));
    }

    /// <summary>Adds an integer. The same number as <see cref="double"/> counts as another value.</summary>
    /// <param name="value">The integer.</param>
    public void Add(long value) => AddHash(SeededRandom.Mix((ulong)value + 0x9E3779B97F4A7C15));

    /// <summary>Adds a text, compared by ordinal.</summary>
    /// <param name="value">The text.</param>
    public void Add(ReadOnlySpan<char> value) => AddHash(Hash(value));

    /// <summary>Adds all values of another sketch; the other is not changed.</summary>
    /// <param name="other">A sketch of the same precision.</param>
    /// <exception cref="ArgumentException">The precisions differ.</exception>
    public void Merge(DistinctSketch other)
    {
        if (other.Precision != Precision)
        {
            throw new ArgumentException($"Sketches of precision {Precision} and {other.Precision} cannot be merged.", nameof(other));
        }
        for (var i = 0; i < _registers.Length; i++) _registers[i] = Math.Max(_registers[i], other._registers[i]);
    }

    /// <summary>The estimated number of distinct values.</summary>
    public double Estimate()
    {
        var levels = 64 - Precision;
        var counts = new int[levels + 2];
        foreach (var register in _registers) counts[register]++;
        double m = _registers.Length;
        var z = m * Tau((m - counts[levels + 1]) / m);
        for (var k = levels; k >= 1; k--) z = 0.5 * (z + counts[k]);
        z += m * Sigma(counts[0] / m);
        return m * m / (2 * Math.Log(2) * z);
    }

    /// <summary>Writes the state; the same bytes for the same state.</summary>
    /// <param name="to">Where to write.</param>
    public void Save(IBufferWriter<byte> to)
    {
        var writer = new BinaryOutput(to);
        writer.Byte(FormatVersion);
        writer.Byte((byte)Precision);
        to.Write(_registers);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <exception cref="MlOpsException">The bytes are damaged or of another version.</exception>
    public static DistinctSketch Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new BinaryInput(bytes, "distinct sketch");
        var sketch = Read(ref reader);
        reader.End();
        return sketch;
    }

    internal static DistinctSketch Read(ref BinaryInput reader)
    {
        reader.Version(FormatVersion);
        var precision = reader.Byte();
        if (precision is < 4 or > 16) throw reader.Damaged("its precision is impossible");
        var sketch = new DistinctSketch(precision);
        reader.Bytes(sketch._registers.Length).CopyTo(sketch._registers);
        return sketch._registers.AsSpan().ContainsAnyExceptInRange((byte)0, (byte)(65 - precision))
            ? throw reader.Damaged("a register is impossible")
            : sketch;
    }

    internal static ulong Hash(double value) => double.IsNaN(value)
        ? 0x7FF8_0000_0000_0001
        : SeededRandom.Mix(BitConverter.DoubleToUInt64Bits(value + 0.0) + 0x9E3779B97F4A7C15);

    internal static ulong Hash(ReadOnlySpan<char> text)
    {
        var hash = 0xA0761D6478BD642FUL + (ulong)text.Length;
        while (text.Length >= 4)
        {
            hash = SeededRandom.Mix(hash ^ MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(text)));
            text = text[4..];
        }

        foreach (var c in text) hash = SeededRandom.Mix(hash ^ c);
        return hash;
    }

    internal void AddHash(ulong hash)
    {
        var index = hash >> (64 - Precision);
        var rank = (byte)(Math.Min(System.Numerics.BitOperations.LeadingZeroCount(hash << Precision), 64 - Precision) + 1);
        ref var register = ref _registers[index];
        if (rank > register) register = rank;
    }

    private static double Sigma(double x)
    {
        if (x == 1) return double.PositiveInfinity;
        double y = 1, z = x;
        while (true)
        {
            x *= x;
            var before = z;
            z += x * y;
            y += y;
            if (z == before) return z;
        }
    }

    private static double Tau(double x)
    {
        if (x is 0 or 1) return 0;
        double y = 1, z = 1 - x;
        while (true)
        {
            x = Math.Sqrt(x);
            var before = z;
            y *= 0.5;
            z -= (1 - x) * (1 - x) * y;
            if (z == before) return z / 3;
        }
    }
}
