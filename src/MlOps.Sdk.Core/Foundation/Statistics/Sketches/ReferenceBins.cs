using System.Buffers;
using System.Globalization;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Statistics;

/// <summary>
/// The bins of a reference column and its counts in them: all that drift by bins (PSI, χ², Jensen–Shannon) needs of the reference.
/// Immutable and thread-safe.
/// </summary>
/// <remarks>
/// Numbers, integers and timestamps: the distinct deciles of the reference are the edges. Texts and booleans: all levels up to 50; where
/// there are more, the 50 that are most frequent in one half of the rows; and one bin for all others. The last bin counts missing values.
/// Beside the counts it keeps what tests need: counts on rows that levels were not chosen on, counts per contiguous block of rows, which
/// tell whether rows depend on each other, and which levels there are.
/// </remarks>
public sealed class ReferenceBins
{
    /// <summary>How many levels of a text column have their own bin.</summary>
    public const int LevelLimit = 50;

    private const byte FormatVersion = 2;
    private readonly double[] _edges;
    private readonly string[] _levels;
    private readonly long[] _counts;
    private readonly long[]? _judged;

    private ReferenceBins(ColumnType type, double[] edges, string[] levels, bool areLevelsChosen = false, long[]? counts = null)
    {
        Type = type;
        _edges = edges;
        _levels = levels;
        AreLevelsChosen = areLevelsChosen;
        _counts = counts ?? new long[BinCount];
    }

    private ReferenceBins(ReferenceBins bins, long[] counts, long[]? judged, BlockCounts blocks, KnownLevels known)
        : this(bins.Type, bins._edges, bins._levels, bins.AreLevelsChosen, counts)
    {
        _judged = judged;
        Blocks = blocks;
        Known = known;
    }

    /// <summary>The type of the column.</summary>
    public ColumnType Type { get; }

    /// <summary>The inner edges of a numeric column; empty for levels.</summary>
    public ReadOnlySpan<double> Edges => _edges;

    /// <summary>The levels of a text or boolean column that have a bin, the most frequent first; empty for numbers.</summary>
    public IReadOnlyList<string> Levels => _levels;

    /// <summary>The reference's counts: one per bin.</summary>
    public ReadOnlySpan<long> Counts => _counts;

    /// <summary>The number of bins: edges + 1, or levels + 1 for all others; and 1 for missing values.</summary>
    public int BinCount => (HasLevels ? _levels.Length : _edges.Length) + 2;

    internal bool HasLevels => Type is ColumnType.Text or ColumnType.Boolean;

    /// <summary>Whether the reference has more levels than bins.</summary>
    internal bool AreLevelsChosen { get; }

    /// <summary>The reference's counts on rows that the levels were not chosen on; all rows where none were chosen.</summary>
    internal ReadOnlySpan<long> Judged => _judged ?? _counts;

    /// <summary>The counts per contiguous block of rows.</summary>
    internal BlockCounts Blocks { get; } = BlockCounts.None;

    /// <summary>The levels that the reference has.</summary>
    internal KnownLevels Known { get; } = KnownLevels.None;

    /// <summary>Makes the bins of a reference and counts it.</summary>
    /// <param name="reference">The reference column; any type but vector.</param>
    /// <exception cref="ArgumentException">The column is a vector.</exception>
    public static ReferenceBins From(Column reference)
    {
        if (reference.Type == ColumnType.Vector) throw new ArgumentException("A vector column has no bins.", nameof(reference));
        var counter = new ReferenceCounter(Empty(reference), reference.Length);
        counter.Add(reference);
        return counter.Build();
    }

    /// <summary>Makes the bins of numbers, for example of prediction scores, and counts them; NaN is missing.</summary>
    /// <param name="reference">The reference values.</param>
    public static ReferenceBins From(ReadOnlySpan<double> reference)
    {
        var builder = new NumberColumnBuilder(reference.Length);
        foreach (var value in reference) builder.Append(value);
        return From(builder.Build());
    }

    /// <summary>The bins of a reference, still without counts.</summary>
    private static ReferenceBins Empty(Column reference)
    {
        if (reference.Type == ColumnType.Boolean) return Booleans();
        if (reference is not TextColumn texts) return new ReferenceBins(reference.Type, EdgesOf(reference), []);
        var choice = new LevelChoice();
        choice.Add(texts);
        return Empty(choice);
    }

    /// <summary>The bins of texts, still without counts.</summary>
    internal static ReferenceBins Empty(LevelChoice choice)
    {
        var (levels, areChosen) = choice.Build();
        return new ReferenceBins(ColumnType.Text, [], levels, areChosen);
    }

    /// <summary>The bins of texts whose levels are known, still without counts.</summary>
    /// <param name="levels">The levels, the most frequent first.</param>
    /// <param name="areChosen">Whether there are others.</param>
    internal static ReferenceBins Empty(string[] levels, bool areChosen) => new(ColumnType.Text, [], levels, areChosen);

    /// <summary>
    /// The bins of a reference other than texts that is known by its profile alone, still without counts: the deciles of its quantile
    /// sketch.
    /// </summary>
    internal static ReferenceBins Empty(ColumnProfile reference)
    {
        if (reference.Type == ColumnType.Boolean) return Booleans();
        var sketch = reference.Quantiles!;
        if (sketch.Count == 0) return new ReferenceBins(reference.Type, [0.0], []);
        if (sketch.Minimum == sketch.Maximum)
        {
            return new ReferenceBins(reference.Type, [Math.BitDecrement(sketch.Maximum), sketch.Maximum], []);
        }

        // As in BinEdges.Deciles: an edge at the largest value would leave the last bin empty.
        var deciles = Enumerable.Range(1, 9).Select(decile => sketch.Quantile(decile / 10.0)).ToArray();
        if (deciles[^1] == sketch.Maximum)
        {
            var below = LargestBelow(sketch, sketch.Maximum);
            for (var i = 0; i < deciles.Length; i++) deciles[i] = Math.Min(deciles[i], below);
        }

        return new ReferenceBins(reference.Type, [.. deciles.Distinct()], []);
    }

    /// <summary>The same bins with counts.</summary>
    internal ReferenceBins With(long[] counts, long[]? judged, BlockCounts blocks, KnownLevels known) =>
        new(this, counts, judged, blocks, known);

    /// <summary>The bin of each row of a column of the same type.</summary>
    internal void Find(Column column, Span<int> bins)
    {
        var missing = BinCount - 1;
        if (column is TextColumn texts)
        {
            var binOf = BinsOf(texts.Dictionary);
            for (var row = 0; row < bins.Length; row++) bins[row] = texts.Values[row] is >= 0 and var code ? binOf[code] : missing;
        }
        else if (HasLevels)
        {
            var binOf = BinsOf(["false", "true"]);
            for (var row = 0; row < bins.Length; row++) bins[row] = column.IsNull(row) ? missing : binOf[(int)column.GetNumber(row)];
        }
        else
        {
            for (var row = 0; row < bins.Length; row++)
            {
                var value = column.GetNumber(row);
                bins[row] = double.IsNaN(value) ? missing : BinEdges.Find(value, _edges);
            }
        }
    }

    /// <summary>Counts a window in the bins of the reference.</summary>
    /// <param name="window">A column of the same type; whole numbers and fractions are both numbers.</param>
    /// <returns>One count per bin, in the order of <see cref="Counts"/>.</returns>
    /// <exception cref="ArgumentException">The type differs.</exception>
    public long[] Count(Column window)
    {
        if (window.Type != Type && !(IsNumber(Type) && IsNumber(window.Type)))
        {
            throw new ArgumentException($"The reference is a {Type} column, the window {window.Type}.", nameof(window));
        }
        var binOf = new int[window.Length];
        Find(window, binOf);
        var counts = new long[BinCount];
        foreach (var bin in binOf) counts[bin]++;
        return counts;
    }

    /// <summary>Counts numbers in the bins of a numeric reference; NaN is missing.</summary>
    /// <param name="window">The values.</param>
    /// <returns>One count per bin, in the order of <see cref="Counts"/>.</returns>
    /// <exception cref="InvalidOperationException">The reference has levels.</exception>
    public long[] Count(ReadOnlySpan<double> window)
    {
        if (HasLevels) throw new InvalidOperationException($"The reference is a {Type} column.");
        var counts = new long[BinCount];
        foreach (var value in window) counts[double.IsNaN(value) ? ^1 : BinEdges.Find(value, _edges)]++;
        return counts;
    }

    /// <summary>
    /// What a bin holds, in words, for example <c>≤ 1,203.5</c>, <c>(other)</c>; edges with at least four significant digits,
    /// and as many as distinguish them.
    /// </summary>
    /// <param name="bin">The bin, from 0.</param>
    public string Describe(int bin)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bin);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(bin, BinCount);
        if (bin == BinCount - 1) return "(missing)";
        if (HasLevels) return bin < _levels.Length ? _levels[bin] : "(other)";
        return bin < _edges.Length ? $"≤ {Show(_edges[bin])}" : $"> {Show(_edges[^1])}";
    }

    /// <summary>Writes the bins; the same bytes for the same state.</summary>
    /// <param name="to">Where to write.</param>
    public void Save(IBufferWriter<byte> to)
    {
        var writer = new BinaryOutput(to);
        writer.Byte(FormatVersion);
        writer.Byte((byte)Type);
        writer.Doubles(_edges);
        writer.Int32(_levels.Length);
        foreach (var level in _levels) writer.Text(level);
        writer.Counts(_counts);
        writer.Byte(AreLevelsChosen ? (byte)1 : (byte)0);
        if (AreLevelsChosen) writer.Counts(Judged);
        Blocks.Save(writer);
        Known.Save(writer);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <exception cref="MlOpsException">The bytes are damaged or of another version.</exception>
    public static ReferenceBins Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new BinaryInput(bytes, "reference bins");
        var version = reader.VersionUpTo(FormatVersion);
        var type = (ColumnType)reader.Byte();
        if (!Enum.IsDefined(type) || type == ColumnType.Vector) throw reader.Damaged("its column type is impossible");
        var edges = reader.Doubles();
        var levels = new string[reader.Length(4)];
        for (var i = 0; i < levels.Length; i++) levels[i] = reader.Text();
        var counts = reader.Counts();

        // The first version knew neither blocks nor all levels: its rows count as independent, and new levels as other ones.
        var bins = version == 1 ? new ReferenceBins(type, edges, levels, levels.Length == LevelLimit, counts) : null;
        if (bins is null)
        {
            var areChosen = reader.Byte() != 0;
            bins = new ReferenceBins(type, edges, levels, areChosen);
            var judged = areChosen ? reader.Counts() : null;
            if (judged is not null && judged.Length != counts.Length) throw reader.Damaged("its bins do not fit");
            bins = new ReferenceBins(bins, counts, judged, BlockCounts.Read(ref reader, counts.Length), KnownLevels.Read(ref reader));
        }

        reader.End();
        var fits = bins.HasLevels
            ? edges.Length == 0 && levels.Distinct().Count() == levels.Length
            : levels.Length == 0 && edges.Length > 0 && FixedHistogram.Ascending(edges);
        return fits && bins._counts.Length == bins.BinCount ? bins : throw reader.Damaged("its bins do not fit");
    }

    private static bool IsNumber(ColumnType type) => type is ColumnType.Number or ColumnType.Integer;

    private static ReferenceBins Booleans() => new(ColumnType.Boolean, [], ["false", "true"]);

    private string Show(double edge)
    {
        if (Type != ColumnType.Timestamp || !(edge is > -6e10 and < 2.5e11))
        {
            var digits = Digits();
            var rounded = Rounded(edge, digits);

            // Thousands are set apart, as people write them; a format with a pattern knows 15 digits.
            var isLong = Math.Abs(rounded) is >= 1_000 and < 1e15 && digits <= 15;
            return rounded.ToString(isLong ? "#,0.###############" : "R", CultureInfo.InvariantCulture);
        }
        var time = DateTime.UnixEpoch.AddSeconds(edge);
        return time.ToString(time.TimeOfDay < TimeSpan.FromSeconds(1) ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
    }

    /// <summary>The fewest significant digits, from 4 on, with which no two edges look the same.</summary>
    private int Digits()
    {
        var digits = 4;
        while (digits < 17 && _edges.Select(edge => Rounded(edge, digits)).Distinct().Count() < _edges.Length) digits++;
        return digits;
    }

    private static double Rounded(double edge, int digits) =>
        edge == Math.Round(edge) || digits > 15
            ? edge
            : double.Parse(edge.ToString($"G{digits}", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private int[] BinsOf(ReadOnlySpan<string> texts)
    {
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var level in _levels) known.Add(level, known.Count);
        var bins = new int[texts.Length];
        for (var i = 0; i < bins.Length; i++) bins[i] = known.TryGetValue(texts[i], out var bin) ? bin : _levels.Length;
        return bins;
    }

    /// <summary>The largest value of a sketch below another; the next number below where the sketch has kept none.</summary>
    private static double LargestBelow(QuantileSketch sketch, double value)
    {
        var values = sketch.Sorted().Values;
        var i = values.Length - 1;
        while (i >= 0 && values[i] >= value) i--;
        return i < 0 ? Math.BitDecrement(value) : values[i];
    }

    private static double[] EdgesOf(Column reference)
    {
        var values = new List<double>(reference.Length);
        for (var row = 0; row < reference.Length; row++)
        {
            var value = reference.GetNumber(row);
            if (!double.IsNaN(value)) values.Add(value);
        }

        // A reference without a value: one edge, so that values that appear later are counted apart from missing ones.
        if (values.Count == 0) return [0.0];
        var edges = BinEdges.Deciles(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(values));

        // A constant reference: values below it must not share its bin.
        return edges is [var only] && values.TrueForAll(value => value == only) ? [Math.BitDecrement(only), only] : edges;
    }
}
