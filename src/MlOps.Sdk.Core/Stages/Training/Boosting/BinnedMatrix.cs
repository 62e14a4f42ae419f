using MlOps.Sdk.Features;

namespace MlOps.Sdk.Training;

/// <summary>
/// Features as bin numbers of one byte: 0 is missing, others follow the edges. Kept row by row for histograms, where all features of a row
/// are read at once, and column by column for splitting rows by one feature.
/// </summary>
internal sealed class BinnedMatrix
{
    public const byte Missing = 0;
    private const int BlockRows = 16_384;
    private const int TileRows = 64;

    private BinnedMatrix(FeatureMatrix features, float[][] edges)
    {
        RowCount = features.RowCount;
        Width = features.Width;
        Edges = edges;
        ByRow = GC.AllocateUninitializedArray<byte>(RowCount * Width);
        ByColumn = GC.AllocateUninitializedArray<byte>(RowCount * Width);
    }

    public int RowCount { get; }

    public int Width { get; }

    public float[][] Edges { get; }

    public byte[] ByRow { get; }

    public byte[] ByColumn { get; }

    public ReadOnlySpan<byte> Column(int slot) => ByColumn.AsSpan(slot * RowCount, RowCount);

    /// <summary>The number of bins of a feature, that for missing values included.</summary>
    public int BinCount(int slot) => Edges[slot].Length + 2;

    public static BinnedMatrix Create(FeatureMatrix features, int maxBins, int seed, int threads, CancellationToken cancellationToken)
    {
        if ((long)features.RowCount * features.Width > Array.MaxLength || (long)features.Width * Histogram.Stride > Array.MaxLength)
        {
            throw new MlOpsException(
                FormattableString.Invariant($"{features.RowCount} rows of {features.Width} features are too many for one training."),
                "Train on a sample of the rows, or drop features.");
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        var edges = new float[features.Width][];
        Parallel.For(0, features.Width, options, slot => edges[slot] = FeatureCuts.Find(features, slot, maxBins, seed));
        var matrix = new BinnedMatrix(features, edges);
        Parallel.For(
            0,
            features.Width,
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
                var column = Column(slot);
                for (var row = tile; row < tileEnd; row++) ByRow[row * Width + slot] = column[row];
            }
        }
    }
}
