namespace MlOps.Sdk.Collection;

/// <summary>How Parquet files are written.</summary>
public class ParquetSinkOptions
{
    private const int MaxRowGroupRows = 16_777_216;

    internal ParquetSinkOptions()
    {
    }

    /// <summary>
    /// Rows of a row group, which is what a reader has in memory and what it can leave out; from 1 to 16,777,216. Default: 131,072. A row
    /// group ends earlier where its texts and vectors have more than 256 MB.
    /// </summary>
    public int RowGroupRows { get; set; } = 131_072;

    /// <summary>The compression. Default: <see cref="ParquetCompression.Snappy"/>.</summary>
    public ParquetCompression Compression { get; set; } = ParquetCompression.Snappy;

    internal ParquetSinkOptions Copy() => (ParquetSinkOptions)MemberwiseClone();

    internal void Validate()
    {
        if (RowGroupRows is < 1 or > MaxRowGroupRows)
        {
            throw new MlOpsException(
                FormattableString.Invariant($"A row group of a Parquet file cannot have {RowGroupRows:N0} rows."),
                FormattableString.Invariant($"Set RowGroupRows to a number from 1 to {MaxRowGroupRows:N0}."));
        }
        if (!Enum.IsDefined(Compression))
        {
            throw new MlOpsException($"There is no compression {(int)Compression}.", "Use a value of ParquetCompression.");
        }
        ValidateMore();
    }

    private protected virtual void ValidateMore()
    {
    }
}
