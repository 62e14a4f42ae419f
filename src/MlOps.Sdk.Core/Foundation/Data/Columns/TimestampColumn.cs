using System.Globalization;

namespace MlOps.Sdk.Data;

/// <summary>A column of points in time, as UTC ticks (100 ns since 0001-01-01), whole microseconds.</summary>
public sealed class TimestampColumn : Column<long>
{
    internal TimestampColumn()
        : base(ColumnType.Timestamp)
    {
    }

    /// <summary>The value of a row, in UTC.</summary>
    /// <param name="row">The row, from 0; it must have a value.</param>
    public DateTime GetTimestamp(int row) => new(Buffer[row], DateTimeKind.Utc);

    /// <inheritdoc/>
    public override double GetNumber(int row) =>
        IsNull(row) ? double.NaN : (Buffer[row] - DateTime.UnixEpoch.Ticks) / (double)TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override string? GetText(int row) => IsNull(row) ? null : GetTimestamp(row).ToString("O", CultureInfo.InvariantCulture);
}
