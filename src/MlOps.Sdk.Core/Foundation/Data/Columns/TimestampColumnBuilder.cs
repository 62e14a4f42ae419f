namespace MlOps.Sdk.Data;

/// <summary>Builds a <see cref="TimestampColumn"/>: points in time are cut to whole microseconds. Not thread-safe.</summary>
/// <param name="capacity">How many rows to make room for.</param>
public sealed class TimestampColumnBuilder(int capacity = 16) : ColumnBuilder<long>(new TimestampColumn(), capacity)
{
    /// <summary>Appends a point in time; a local time is converted to UTC, an unspecified one is taken as UTC.</summary>
    /// <param name="value">The value.</param>
    public void Append(DateTime value) => AddTicks(value.Kind == DateTimeKind.Local ? value.ToUniversalTime().Ticks : value.Ticks);

    /// <summary>Appends a point in time.</summary>
    /// <param name="value">The value; its offset is applied.</param>
    public void Append(DateTimeOffset value) => AddTicks(value.UtcTicks);

    private void AddTicks(long ticks) => Add(ticks - ticks % TimeSpan.TicksPerMicrosecond);

    private protected override Column<long> NewColumn() => new TimestampColumn();
}
