using System.Text;
using System.Text.Unicode;
using CsvHelper;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>One pass over the records of a CSV stream: reads the header, and checks the form of each record. Not thread-safe.</summary>
internal sealed class CsvTable : IDisposable
{
    // A quote that is never closed would otherwise take memory for the rest of the file.
    private const int LongestRecord = 64 << 20;
    private readonly CsvReader _reader;
    private readonly string _name;
    private readonly byte[][] _nullTokens;
    private readonly bool _emptyIsNull;
    private CsvMalformedRecord? _malformed;

    public CsvTable(Stream stream, CsvOptions options, string name, bool trackLines)
    {
        _name = name;
        _emptyIsNull = options.NullTokens.Contains("");
        _nullTokens = [.. options.NullTokens.Where(token => token.Length > 0).Select(Encoding.UTF8.GetBytes)];
        _reader = CsvReader.Create(stream, new CsvReaderOptions
        {
            Separator = options.Delimiter,
            HasHeader = false,
            TrimWhitespace = options.Trim,
            TrimInsideQuotes = options.Trim,
            TrackLineNumbers = trackLines,
            MaxRecordSize = LongestRecord,
            OnMalformedRecord = trackLines ? NoteMalformed : null,
        }, leaveOpen: true);
    }

    /// <summary>The header's names, after <see cref="ReadHeader"/>.</summary>
    public string[] Header { get; private set; } = [];

    /// <summary>The line on which the current record starts.</summary>
    public long Line => _reader.LineNumber;

    public void ReadHeader()
    {
        if (!ReadRecord()) throw new MlOpsException("The file is empty.", "Give a file with a header line and at least one row.") { DataSource = _name };
        CheckText();
        var header = new string[_reader.FieldCount];
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < header.Length; i++)
        {
            header[i] = _reader.GetString(i);
            if (string.IsNullOrWhiteSpace(header[i]))
                throw new MlOpsException($"Column {i + 1} has no name.", "Give every column a name in the header line; a delimiter at the end of the line makes one column too many.") { DataSource = _name, Line = Line };
            if (!seen.TryAdd(header[i], i))
                throw new MlOpsException($"The header names the same column twice, as columns {seen[header[i]] + 1} and {i + 1}.", "Rename or remove one of the two.") { DataSource = _name, Line = Line, Column = header[i] };
        }

        Header = header;
    }

    /// <summary>Advances to the next row and checks its form.</summary>
    public bool Read(bool check)
    {
        if (!ReadRecord()) return false;
        if (_reader.FieldCount != Header.Length)
            throw new MlOpsException(
                $"The row has {_reader.FieldCount} field{(_reader.FieldCount == 1 ? "" : "s")} where the header has {Header.Length}.",
                "Quote fields that hold the delimiter, and give every row all fields; check that the delimiter is right.") { DataSource = _name, Line = check ? Line : null };
        if (check) CheckText();
        return true;
    }

    /// <summary>A field's UTF-8 text, unquoted; valid until the next read.</summary>
    public ReadOnlySpan<byte> Field(int index) => _reader.GetSpan(index);

    public bool IsNull(ReadOnlySpan<byte> field)
    {
        if (field.IsEmpty) return _emptyIsNull;
        foreach (var token in _nullTokens)
        {
            if (field.SequenceEqual(token)) return true;
        }

        return false;
    }

    public void Dispose() => _reader.Dispose();

    private bool ReadRecord()
    {
        bool read;
        try
        {
            read = _reader.Read();
        }
        catch (CsvFormatException e)
        {
            throw new MlOpsException($"The file cannot be read as CSV: {e.Message}", "Mend the file at this line; a quote that is never closed makes a record of everything behind it.", e) { DataSource = _name, Line = e.LineNumber > 0 ? e.LineNumber : null };
        }

        if (_malformed is { } record)
        {
            throw record.Reason == CsvMalformedReason.UnterminatedQuote
                ? new MlOpsException("A quoted field is never closed.", "Close the quote; a quote inside a quoted field is written twice (\"\").") { DataSource = _name, Line = record.LineNumber }
                : new MlOpsException("Text stands behind the closing quote of a field.", "Write a quote inside a quoted field twice (\"\").") { DataSource = _name, Line = record.LineNumber };
        }

        return read;
    }

    // A quote inside an unquoted field (5" pipe) is text, whatever RFC 4180 says: nothing is lost or ambiguous.
    private void NoteMalformed(CsvMalformedRecord record)
    {
        if (record.Reason != CsvMalformedReason.StrayQuote) _malformed ??= record;
    }

    private void CheckText()
    {
        var raw = _reader.RawRecord;
        if (!Utf8.IsValid(raw))
            throw new MlOpsException("The text is not valid UTF-8.", "Save the file as UTF-8.") { DataSource = _name, Line = Line, Column = InvalidColumn() };
    }

    private string? InvalidColumn()
    {
        for (var i = 0; i < Math.Min(Header.Length, _reader.FieldCount); i++)
        {
            if (!Utf8.IsValid(_reader.GetRawSpan(i))) return Header[i];
        }

        return null;
    }
}
