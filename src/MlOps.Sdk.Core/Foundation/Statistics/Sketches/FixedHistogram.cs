using System.Buffers;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Statistics;

/// <summary>Counts of values in bins with given edges, and of missing values. Merging is exact. Not thread-safe.</summary>
public sealed class FixedHistogram
{
    private const byte FormatVersion = 1;
    private readonly double[] _edges;
    private readonly long[] _counts;

    /// <summary>Creates an empty histogram.</summary>
    /// <param name="edges">The inner edges, ascending; a value belongs to the first bin whose edge it does not exceed.</param>
    /// <exception cref="ArgumentException">The edges are not ascending numbers.</exception>
    public FixedHistogram(ReadOnlySpan<double> edges)
    {
        BinEdges.RequireAscending(edges);
        _edges = edges.ToArray();
        _counts = new long[edges.Length + 1];
    }

    /// <summary>The inner edges.</summary>
    public ReadOnlySpan<double> Edges => _edges;

    /// <summary>One count per bin: one more than there are edges.</summary>
    public ReadOnlySpan<long> Counts => _counts;

    /// <summary>How many values were missing (NaN).</summary>
    public long Missing { get; private set; }

    /// <summary>Adds a value; NaN counts as missing.</summary>
    /// <param name="value">The value.</param>
    public void Add(double value)
    {
        if (double.IsNaN(value)) Missing++;
        else _counts[BinEdges.Find(value, _edges)]++;
    }

    /// <summary>Adds all values of another histogram; the other is not changed.</summary>
    /// <param name="other">A histogram with the same edges.</param>
    /// <exception cref="ArgumentException">The edges differ.</exception>
    public void Merge(FixedHistogram other)
    {
        if (!_edges.AsSpan().SequenceEqual(other._edges))
        {
            throw new ArgumentException("Histograms with different edges cannot be merged.", nameof(other));
        }
        for (var i = 0; i < _counts.Length; i++) _counts[i] += other._counts[i];
        Missing += other.Missing;
    }

    /// <summary>Writes the state; the same bytes for the same state.</summary>
    /// <param name="to">Where to write.</param>
    public void Save(IBufferWriter<byte> to)
    {
        var writer = new BinaryOutput(to);
        writer.Byte(FormatVersion);
        writer.Doubles(_edges);
        writer.Counts(_counts);
        writer.Int64(Missing);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <exception cref="MlOpsException">The bytes are damaged or of another version.</exception>
    public static FixedHistogram Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new BinaryInput(bytes, "histogram");
        reader.Version(FormatVersion);
        var edges = reader.Doubles();
        var counts = reader.Counts();
        if (counts.Length != edges.Length + 1 || !Ascending(edges)) throw reader.Damaged("its edges do not fit");
        var histogram = new FixedHistogram(edges) { Missing = reader.Count() };
        counts.CopyTo(histogram._counts, 0);
        reader.End();
        return histogram;
    }

    internal static bool Ascending(ReadOnlySpan<double> edges)
    {
        for (var i = 0; i < edges.Length; i++)
        {
            if (double.IsNaN(edges[i]) || (i > 0 && edges[i] <= edges[i - 1])) return false;
        }

        return true;
    }
}
