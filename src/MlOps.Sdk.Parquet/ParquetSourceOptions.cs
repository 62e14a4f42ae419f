using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>Which rows of a Parquet file are read, and with how much memory. Not thread-safe.</summary>
/// <remarks>
/// A row is read where it is in every range; one without a value, or with NaN, is in none. Row groups whose statistics say that they
/// have no such row are not read at all, and neither are files whose folders say so.
/// </remarks>
public sealed class ParquetSourceOptions
{
    private readonly List<ParquetRange> _ranges = [];

    /// <summary>
    /// The most memory that the requested columns of a row group may take once they are unpacked, in bytes, at least 1: a small file can
    /// hold billions of equal values. Default: 1,000,000,000. A number takes 8 bytes, a text 16 and its UTF-8, an element of a vector 12, a
    /// column that may lack values 4 more for each row. Reading takes up to twice as much for a moment.
    /// </summary>
    public long MaxRowGroupBytes { get; set; } = 1_000_000_000;

    internal IReadOnlyList<ParquetRange> Ranges => _ranges;

    internal void Validate()
    {
        if (MaxRowGroupBytes < 1)
        {
            throw new MlOpsException(
                "The most memory of a row group is below 1 byte.", "Set ParquetSourceOptions.MaxRowGroupBytes to a number above 0.");
        }
    }

    /// <summary>Reads the rows whose value of a column of numbers or whole numbers is in a range.</summary>
    /// <param name="column">The column; it need not be one of those that are requested.</param>
    /// <param name="from">The smallest value that is read; <see cref="long.MinValue"/> for no limit.</param>
    /// <param name="to">The largest value that is read; <see cref="long.MaxValue"/> for no limit.</param>
    /// <returns>The options.</returns>
    /// <exception cref="ArgumentException">The column has no name, has a range already, or the range is empty.</exception>
    public ParquetSourceOptions Where(string column, long from, long to) => Add(column, from, to, from <= to);

    /// <summary>Reads the rows whose value of a column of numbers or whole numbers is in a range.</summary>
    /// <param name="column">The column; it need not be one of those that are requested.</param>
    /// <param name="from">The smallest value that is read; <see cref="double.NegativeInfinity"/> for no limit.</param>
    /// <param name="to">The largest value that is read; <see cref="double.PositiveInfinity"/> for no limit.</param>
    /// <returns>The options.</returns>
    /// <exception cref="ArgumentException">The column has no name, has a range already, or the range is empty.</exception>
    public ParquetSourceOptions Where(string column, double from, double to) => Add(column, from, to, from <= to);

    /// <summary>Reads the rows whose value of a column of points in time is in a range.</summary>
    /// <param name="column">The column; it need not be one of those that are requested.</param>
    /// <param name="from">
    /// The earliest value that is read, in UTC unless it is a local time; <see cref="DateTime.MinValue"/> for no limit.
    /// </param>
    /// <param name="to">The latest value that is read; <see cref="DateTime.MaxValue"/> for no limit.</param>
    /// <returns>The options.</returns>
    /// <exception cref="ArgumentException">The column has no name, has a range already, or the range is empty.</exception>
    public ParquetSourceOptions Where(string column, DateTime from, DateTime to) => Add(column, from, to, from <= to);

    /// <summary>Reads the rows whose text of a column is in a range, in the order of code points.</summary>
    /// <param name="column">The column; it need not be one of those that are requested.</param>
    /// <param name="from">The first text that is read; the empty text for no limit.</param>
    /// <param name="to">The last text that is read.</param>
    /// <returns>The options.</returns>
    /// <exception cref="ArgumentException">The column has no name, or has a range already.</exception>
    public ParquetSourceOptions Where(string column, string from, string to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        return Add(column, from, to, isRange: true);
    }

    private ParquetSourceOptions Add(string column, object from, object to, bool isRange)
    {
        ArgumentException.ThrowIfNullOrEmpty(column);
        if (!isRange) throw new ArgumentException($"The range of '{PrintableText.Shorten(column)}' is empty.", nameof(to));
        if (_ranges.Any(range => range.Column == column))
        {
            throw new ArgumentException($"The column '{PrintableText.Shorten(column)}' has a range already.", nameof(column));
        }
        _ranges.Add(new ParquetRange(column, from, to));
        return this;
    }
}
