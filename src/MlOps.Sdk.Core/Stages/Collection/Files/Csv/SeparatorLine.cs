using System.Text;

namespace MlOps.Sdk.Collection;

/// <summary>
/// The first line <c>sep=;</c>, with which spreadsheet programs say what separates the fields of a file; it is not a record.
/// </summary>
/// <param name="Text">The text behind the line, or the whole text where there is none.</param>
/// <param name="Delimiter">What the line says; <see langword="null"/> where there is none.</param>
/// <param name="Length">The bytes of the line, with what precedes and ends it.</param>
internal readonly record struct SeparatorLine(Stream Text, char? Delimiter, int Length)
{
    // A byte order mark, quotes, sep=, the delimiter and a line break.
    private const int Longest = 12;

    /// <summary>Reads the line where a text begins with one.</summary>
    /// <param name="utf8">The text, at its beginning; stays open.</param>
    public static SeparatorLine Read(Stream utf8)
    {
        var start = new byte[Longest];
        var count = utf8.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        var (delimiter, length) = Parse(start.AsSpan(0, count));
        return new SeparatorLine(new PrefixedStream(start[length..count], utf8), delimiter, length);
    }

    private static (char? Delimiter, int Length) Parse(ReadOnlySpan<byte> start)
    {
        var line = start;
        if (line is [0xEF, 0xBB, 0xBF, ..]) line = line[3..];
        var isQuoted = line is [(byte)'"', ..];
        if (isQuoted) line = line[1..];
        if (line.Length < 5 || !Ascii.EqualsIgnoreCase(line[..4], "sep="u8) || !char.IsAscii((char)line[4])) return default;
        var delimiter = (char)line[4];
        line = line[5..];
        if (isQuoted)
        {
            if (line is not [(byte)'"', ..]) return default;
            line = line[1..];
        }
        var end = line switch
        {
            [] => 0,
            [(byte)'\r', (byte)'\n', ..] => 2,
            [(byte)'\r' or (byte)'\n', ..] => 1,
            _ => -1,
        };
        return end < 0 || char.IsControl(delimiter) && delimiter != '\t' || delimiter == '"'
            ? default((char?, int))
            : (delimiter, start.Length - line.Length + end);
    }
}
