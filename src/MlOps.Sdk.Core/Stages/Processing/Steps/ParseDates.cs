using System.Buffers;
using System.Globalization;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>
/// Reads texts as points in time: by the first format that fits, in the time of a zone unless the text tells its own offset. A time that
/// clocks skip counts on from before they were moved (02:30 becomes 03:30), and of a time that clocks show twice the earlier is meant.
/// </summary>
internal sealed class ParseDates : IRowProcessor
{
    public const string Format = "mlops.parse-dates/1";

    private readonly string _column;
    private readonly string[] _formats;
    private readonly TimeZoneInfo _zone;
    private readonly string _zoneId;
    private readonly CultureInfo _culture;

    /// <exception cref="MlOpsException">A format holds no whole date, or this machine does not know the zone or the culture.</exception>
    public ParseDates(string column, string[] formats, string zone, string culture)
    {
        _column = column;
        _formats = formats;
        _zoneId = zone;
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _zone!))
        {
            throw new MlOpsException(
                $"{this}: the time zone '{zone}' is not known on this machine.",
                "Give an IANA id such as Europe/Berlin, and install the time zone data (tzdata). " +
                    "Windows ids need Windows, or ICU.") { Column = column };
        }
        try
        {
            _culture = CultureInfo.GetCultureInfo(culture, predefinedOnly: true);
        }
        catch (CultureNotFoundException e)
        {
            throw new MlOpsException(
                $"{this}: the culture '{culture}' is not known on this machine.",
                "Give a name such as de-DE, and run with ICU and without InvariantGlobalization; or omit the culture.",
                e) { Column = column };
        }

        if (formats.FirstOrDefault(format => !HoldsDate(format)) is { } wrong)
        {
            throw new MlOpsException(
                $"{this}: the format '{wrong}' does not contain a complete date.",
                "Give .NET date formats with year, month and day, for example dd.MM.yyyy HH:mm.") { Column = column };
        }
    }

    public string FormatId => Format;

    public static ParseDates Read(ReadOnlyMemory<byte> bytes)
    {
        var state = ProcessingJson.Read(bytes);
        return new ParseDates(
            ProcessingJson.Need(state.Column),
            ProcessingJson.Need(state.Formats),
            ProcessingJson.Need(state.Zone),
            ProcessingJson.Need(state.Culture));
    }

    public void Save(IBufferWriter<byte> writer) =>
        ProcessingJson.Save(new RowStepState { Column = _column, Formats = _formats, Zone = _zoneId, Culture = _culture.Name }, writer);

    public RowBinding BindRows(Schema input)
    {
        var index = ColumnChange.Find(input, _column, ToString());
        if (input[index].Type != ColumnType.Text)
        {
            throw new MlOpsException(
                $"{this}: the column is {input[index].Type}.",
                "Only texts are read as dates; remove the step if the column already has times.") { Column = _column };
        }
        return ColumnChange.Replace(input, index, new Field(_column, ColumnType.Timestamp), OutputColumn.Computed(Compute));

        void Compute(in RowBlock rows, ColumnBuilder output)
        {
            var times = (TimestampColumnBuilder)output;
            for (var row = 0; row < rows.Count; row++)
            {
                if (rows.Text(index, row) is not { } text) times.AppendNull();
                else if (TryRead(text, out var time)) times.Append(time);
                else
                    throw new RowValueException(
                        $"'{PrintableText.Shorten(text)}' matches none of the formats " +
                            $"{string.Join(", ", _formats.Select(format => $"'{format}'"))}.",
                        "Add its format, or add a step before this one that repairs or quarantines it.",
                        row) { Column = _column };
            }
        }
    }

    public override string ToString() => $"parse-dates({_column}; {string.Join(" | ", _formats)}; {_zoneId})";

    private bool HoldsDate(string format)
    {
        var sample = new DateTime(2023, 11, 25, 0, 0, 0, DateTimeKind.Utc);
        try
        {
            return DateTime.TryParseExact(sample.ToString(
                format,
                _culture), format, _culture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.NoCurrentDateDefault, out var read)
                && read.Date == sample;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    // Without the current date as default, no text could be read differently tomorrow.
    private bool TryRead(string text, out DateTime time)
    {
        if (!DateTime.TryParseExact(
            text, _formats, _culture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.NoCurrentDateDefault, out time))
        {
            return false;
        }
        if (time.Kind == DateTimeKind.Utc) return true;
        var ticks = InUtc(time.Ticks);
        if (ticks < 0 || ticks > DateTime.MaxValue.Ticks) return false;
        time = new DateTime(ticks, DateTimeKind.Utc);
        return true;
    }

    // By the offsets a day before and a day after: what the zone says of a local time itself is wrong where summer time
    // is the standard, as in Ireland.
    private long InUtc(long local)
    {
        var before = local - OffsetAt(local - TimeSpan.TicksPerDay);
        var after = local - OffsetAt(local + TimeSpan.TicksPerDay);
        var (isBefore, isAfter) = (before + OffsetAt(before) == local, after + OffsetAt(after) == local);
        return isBefore && isAfter ? Math.Min(before, after) : isAfter ? after : before;
    }

    private long OffsetAt(long utc) =>
        _zone.GetUtcOffset(new DateTime(Math.Clamp(utc, 0, DateTime.MaxValue.Ticks), DateTimeKind.Utc)).Ticks;
}
