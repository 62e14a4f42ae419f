using MlOps.Sdk.Data;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Collection;

/// <summary>What is wanted of a source.</summary>
public sealed record ReadRequest
{
    /// <summary>How many columns a file or a query may have.</summary>
    internal const int MaxColumns = 100_000;

    // 16 MB of numbers.
    private const int MaxValues = 1 << 21;

    /// <summary>Everything.</summary>
    public static ReadRequest All { get; } = new();

    /// <summary>The columns to read, in this order; <see langword="null"/> for all.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>
    /// Rows of a batch at most. Default: 8,192. The library's sources give fewer where a batch would have more than 2,097,152 values, as
    /// one of more than 256 columns and 8,192 rows has.
    /// </summary>
    public int BatchSize { get; init; } = 8_192;

    /// <summary>What happens to rows that cannot be read. Default: reading fails.</summary>
    public MalformedRows Malformed { get; init; }

    /// <summary>
    /// Columns that are personal: a source refuses to read what would keep their values in a name, a version or a watermark. Default: none.
    /// </summary>
    public IReadOnlyCollection<string> Personal { get; init; } = [];

    /// <summary>Whether the rows that were read before <see cref="After"/> are kept beside the new ones.</summary>
    internal bool KeepsEarlierRows { get; init; }

    /// <summary>The scan whose reading broke off and is to continue: a source that grows gives the same rows again.</summary>
    internal IDataScan? BrokenOff { get; init; }

    /// <summary>The rows of a batch of some columns at most, at least 1.</summary>
    internal int RowsOf(Schema schema) =>
        (int)Math.Clamp(MaxValues / Math.Max(1, schema.Sum(field => (long)field.Length)), 1, Math.Min(BatchSize, RecordBatch.MaxRows));

    /// <summary>
    /// Read only what is new since; <see langword="null"/> for everything. A source that cannot tell what is new rejects it.
    /// </summary>
    public Watermark? After { get; init; }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
