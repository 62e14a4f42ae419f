using MlOps.Sdk.Features;

namespace MlOps.Sdk.Training;

/// <summary>
/// Features as bin numbers of one byte: 0 is missing, others follow the edges. Dense ones are kept row by row for histograms, where all
/// features of a row are read at once, and column by column for splitting rows by one feature; sparse ones, which come after them, apart.
/// </summary>
internal sealed class BinnedMatrix
{
    public const byte Missing = 0;

    /// <summary>In a column that was loaded of a sparse feature, the rows whose value is 0.</summary>
    public const byte Zero = 255;

    private const int BlockRows = 16_384;
    private const int TileRows = 64;

    private readonly float[][] _edges;
    private readonly byte[] _sparseColumn;
    private int _loaded = -1;

    private BinnedMatrix(FeatureMatrix features, float[][] edges, SparseBins? sparse)
    {
        RowCount = features.RowCount;
        Width = features.DenseWidth;
        VectorWidth = features.Width;
        Sparse = sparse;
        _edges = edges;
        _sparseColumn = sparse is null ? [] : new byte[RowCount];
        Array.Fill(_sparseColumn, Zero);
        ByRow = GC.AllocateUninitializedArray<byte>(RowCount * Width);
        ByColumn = GC.AllocateUninitializedArray<byte>(RowCount * Width);
    }

    public int RowCount { get; }

    /// <summary>The number of dense features.</summary>
    public int Width { get; }

    /// <summary>The number of features that splits are looked for in: the dense ones, then the sparse ones that are kept.</summary>
    public int FeatureCount => Width + (Sparse?.Count ?? 0);

    /// <summary>The number of slots of the feature vector.</summary>
    public int VectorWidth { get; }

    public SparseBins? Sparse { get; }

    /// <summary>The length of a histogram of all features.</summary>
    public int HistogramLength => Width * Histogram.Stride + (Sparse?.TotalBins ?? 0);

    public byte[] ByRow { get; }

    public byte[] ByColumn { get; }

    /// <summary>Where a feature is cut into bins.</summary>
    public float[] Edges(int feature) => feature < Width ? _edges[feature] : Sparse!.Edges[feature - Width];

    /// <summary>The number of bins of a feature, that for missing values included.</summary>
    public int BinCount(int feature) => Edges(feature).Length + 2;

    /// <summary>The feature's place in the feature vector.</summary>
    public int SlotOf(int feature) => feature < Width ? feature : Sparse!.SlotOf(feature - Width);

    /// <summary>Where the feature's bins begin in a histogram.</summary>
    public int OffsetOf(int feature) =>
        feature < Width ? feature * Histogram.Stride : Width * Histogram.Stride + Sparse!.Offset(feature - Width);

    /// <summary>The bin of a row.</summary>
    public int BinOf(int row, int feature) =>
        feature < Width ? ByRow[row * Width + feature] : Sparse!.BinOf(row, feature - Width);

    /// <summary>
    /// The bins of a feature, row by row; of a sparse one <see cref="Zero"/> where the value is 0, and only until the next call. Not
    /// thread-safe.
    /// </summary>
    public ReadOnlyMemory<byte> Column(int feature)
    {
        if (feature < Width) return ByColumn.AsMemory(feature * RowCount, RowCount);
        if (_loaded >= 0) Sparse!.Unload(_loaded, _sparseColumn, Zero);
        _loaded = feature - Width;
        Sparse!.Load(_loaded, _sparseColumn);
        return _sparseColumn;
    }

    public static BinnedMatrix Create(
        FeatureMatrix features, GradientBoostingOptions settings, int seed, int threads, CancellationToken cancellationToken)
    {
        if ((long)features.RowCount * features.DenseWidth > Array.MaxLength
            || (long)features.DenseWidth * Histogram.Stride > Array.MaxLength)
        {
            throw new MlOpsException(
                FormattableString.Invariant($"{features.RowCount} rows of {features.DenseWidth} features are too many for one training."),
                "Train on a sample of the rows, or drop features.");
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        var edges = new float[features.DenseWidth][];
        Parallel.For(0, edges.Length, options, slot => edges[slot] = FeatureCuts.Find(features, slot, settings.MaxBins, seed));
        var sparse = features.Sparse is null ? null : SparseBins.Create(features, settings.MaxBins, settings.MinLeafRows);
        var matrix = new BinnedMatrix(features, edges, sparse);
        Parallel.For(
            0,
            edges.Length,
            options,
            slot => Assign(features.Column(slot), edges[slot], matrix.ByColumn.AsSpan(slot * matrix.RowCount, matrix.RowCount)));
        Parallel.For(0, (matrix.RowCount + BlockRows - 1) / BlockRows, options, block => matrix.Transpose(block * BlockRows));
        return matrix;
    }

    private static void Assign(ReadOnlySpan<float> column, ReadOnlySpan<float> edges, Span<byte> bins)
    {
        // Eight steps without a branch; no value reaches the NaN with which the table is filled up.
        Span<float> table = stackalloc float[256];
        table.Fill(float.NaN);
        edges.CopyTo(table);
        for (var i = 0; i < column.Length; i++)
        {
            var value = column[i];
            var at = value >= table[127] ? 128 : 0;
            at += value >= table[at + 63] ? 64 : 0;
            at += value >= table[at + 31] ? 32 : 0;
            at += value >= table[at + 15] ? 16 : 0;
            at += value >= table[at + 7] ? 8 : 0;
            at += value >= table[at + 3] ? 4 : 0;
            at += value >= table[at + 1] ? 2 : 0;
            at += value >= table[at] ? 1 : 0;
            bins[i] = float.IsNaN(value) ? Missing : (byte)(at + 1);
        }
    }

    private void Transpose(int start)
    {
        var end = Math.Min(start + BlockRows, RowCount);
        for (var tile = start; tile < end; tile += TileRows)
        {
            var tileEnd = Math.Min(tile + TileRows, end);
            for (var slot = 0; slot < Width; slot++)
            {
                var column = ByColumn.AsSpan(slot * RowCount, RowCount);
                for (var row = tile; row < tileEnd; row++) ByRow[row * Width + slot] = column[row];
            }
        }
    }
}
