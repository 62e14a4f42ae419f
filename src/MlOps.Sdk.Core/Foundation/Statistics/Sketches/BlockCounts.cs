using MlOps.Sdk.Data;

namespace MlOps.Sdk.Statistics;

/// <summary>
/// The bins of a reference counted per contiguous block of its rows, in their order: what tells whether its rows are independent, and how
/// much less they say when they are not. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// The variance of block means over what independent rows would have is the design effect (Kish 1965) of windows as long as the block.
/// Rows of one day resemble each other, so days differ by more than chance.
/// </remarks>
internal sealed class BlockCounts
{
    /// <summary>How many blocks there are at most.</summary>
    public const int Limit = 128;

    /// <summary>How many rows a block holds at least.</summary>
    public const int SmallestBlock = 16;

    /// <summary>The number of the longest blocks that are compared.</summary>
    public const int Fewest = 8;

    private readonly int[] _counts;
    private readonly Lazy<Dependence[]> _ofBins;
    private readonly Lazy<Dependence> _ofPlace;
    private readonly Lazy<Dependence> _ofSpread;
    private readonly Lazy<Dependence> _ofTable;

    /// <param name="bins">The number of bins, missing values last.</param>
    /// <param name="counts">Block by block, a count per bin.</param>
    public BlockCounts(int bins, int[] counts)
    {
        Bins = bins;
        _counts = counts;
        _ofBins = new(EachBin);
        _ofPlace = new(() => DependenceOf([Ranks()], countsMissing: false));
        _ofSpread = new(() => DependenceOf([BinTrends.Distances(Ranks())], countsMissing: false));
        _ofTable = new(Table);
    }

    public static BlockCounts None { get; } = new(1, []);

    public int Bins { get; }

    public int Blocks => _counts.Length / Bins;

    public ReadOnlySpan<int> Block(int block) => _counts.AsSpan(block * Bins, Bins);

    /// <summary>The counts of a range of blocks.</summary>
    public long[] Sum(int from, int to)
    {
        var sum = new long[Bins];
        for (var block = from; block < to; block++)
        {
            for (var bin = 0; bin < Bins; bin++) sum[bin] += _counts[block * Bins + bin];
        }

        return sum;
    }

    /// <summary>How many blocks a reference of some rows has: a power of two, 0 where there are too few rows to tell.</summary>
    public static int BlocksOf(long rows)
    {
        var blocks = Limit;
        while (blocks >= Fewest && rows / blocks < SmallestBlock) blocks /= 2;
        return blocks >= Fewest ? blocks : 0;
    }

    /// <summary>The dependence in the share of a bin: of all rows for missing values, the last; else of those with one.</summary>
    public Dependence OfBin(int bin) => Blocks == 0 ? Dependence.None : _ofBins.Value[bin];

    /// <summary>The dependence in the place of numbers, their mean rank.</summary>
    public Dependence OfPlace => Blocks == 0 ? Dependence.None : _ofPlace.Value;

    /// <summary>The dependence in the spread of numbers.</summary>
    public Dependence OfSpread => Blocks == 0 ? Dependence.None : _ofSpread.Value;

    /// <summary>The mean dependence in the shares of all bins but missing values.</summary>
    public Dependence OfTable => Blocks == 0 ? Dependence.None : _ofTable.Value;

    private Dependence[] EachBin()
    {
        var each = new Dependence[Bins];
        for (var bin = 0; bin < Bins; bin++)
        {
            var scores = new double[Bins];
            scores[bin] = 1;
            each[bin] = DependenceOf([scores], bin == Bins - 1);
        }

        return each;
    }

    private double[] Ranks() => [.. BinTrends.MidRanks(Sum(0, Blocks).AsSpan(0, Bins - 1)), 0];

    private Dependence Table()
    {
        var scores = new double[Bins - 1][];
        for (var bin = 0; bin < scores.Length; bin++)
        {
            scores[bin] = new double[Bins];
            scores[bin][bin] = 1;
        }

        return DependenceOf(scores, countsMissing: false);
    }

    private Dependence DependenceOf(double[][] scores, bool countsMissing)
    {
        var bins = countsMissing ? Bins : Bins - 1;
        var sizes = new double[Blocks];
        var sums = new double[scores.Length][];
        var means = new double[scores.Length];
        var variance = 0.0;
        for (var block = 0; block < sizes.Length; block++)
        {
            for (var bin = 0; bin < bins; bin++) sizes[block] += _counts[block * Bins + bin];
        }

        var total = sizes.Sum();
        if (total <= 1) return Dependence.None;
        for (var k = 0; k < scores.Length; k++)
        {
            sums[k] = new double[Blocks];
            var squares = 0.0;
            for (var block = 0; block < sizes.Length; block++)
            {
                for (var bin = 0; bin < bins; bin++)
                {
                    var value = _counts[block * Bins + bin] * scores[k][bin];
                    sums[k][block] += value;
                    squares += value * scores[k][bin];
                }
            }

            means[k] = sums[k].Sum() / total;
            variance += (squares / total - means[k] * means[k]) * total / (total - 1);
        }

        return variance > 1e-12 ? Dependence.Of(sizes, sums, means, variance) : Dependence.None;
    }

    public void Save(BinaryOutput writer)
    {
        writer.Int32(Blocks);
        writer.Int32(Bins);
        foreach (var count in _counts) Write(writer, count);
    }

    public static BlockCounts Read(ref BinaryInput reader, int bins)
    {
        var blocks = reader.Int32();
        if (blocks is < 0 or > Limit) throw reader.Damaged("its number of blocks is impossible");
        if (reader.Int32() is var saved && saved != (blocks == 0 ? saved : bins)) throw reader.Damaged("its blocks do not fit its bins");
        if (blocks == 0) return None;
        var counts = new int[blocks * bins];
        for (var i = 0; i < counts.Length; i++) counts[i] = Read(ref reader);
        return new BlockCounts(bins, counts);
    }

    // Most counts are below 128: seven bits a byte, the lowest first.
    private static void Write(BinaryOutput writer, int count)
    {
        var rest = (uint)count;
        for (; rest >= 0x80; rest >>= 7) writer.Byte((byte)(rest | 0x80));
        writer.Byte((byte)rest);
    }

    private static int Read(ref BinaryInput reader)
    {
        uint value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var part = reader.Byte();
            value |= (uint)(part & 0x7F) << shift;
            if (part < 0x80) return value <= int.MaxValue ? (int)value : throw reader.Damaged("a count is too large");
        }

        throw reader.Damaged("a count is too large");
    }
}
