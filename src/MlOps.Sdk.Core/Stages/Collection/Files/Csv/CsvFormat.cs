using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>How a CSV file is read, settled once. Immutable and thread-safe.</summary>
internal sealed class CsvFormat : IRecordFormat
{
    public CsvFormat(CsvOptions options)
    {
        Delimiter = options.Delimiter;
        HasHeader = options.HasHeader;
        Trim = options.Trim;
        NullTokens = [.. options.NullTokens.Where(token => token.Length > 0).Select(Encoding.UTF8.GetBytes)];
        EmptyIsNull = options.NullTokens.Contains("");
        Schema = options.Schema;
        Encoding = options.Encoding;
        Values = new FieldValues(options.Culture, [.. options.DateFormats], [.. options.Units]);
        Settings = Delimiter == ',' && !Trim && Schema is null && options.NullTokens is [""] && HasHeader && Values.Settings.Length == 0
            ? ""
            : $"{Delimiter}|{Trim}|{string.Join('\u001f', options.NullTokens)}|{Schema}{(HasHeader ? "" : "|no header")}" +
                $"{(Values.Settings.Length == 0 ? "" : $"|{Values.Settings}")}";
    }

    public char Delimiter { get; }

    public bool HasHeader { get; }

    public bool Trim { get; }

    public byte[][] NullTokens { get; }

    public bool EmptyIsNull { get; }

    public FieldValues Values { get; }

    public Encoding? Encoding { get; }

    public Schema? Schema { get; }

    public string Settings { get; }

    public bool MayLackColumns => false;

    public RecordReader Open(Stream utf8, string name, Schema? schema, IReadOnlyList<string>? columns, bool checks) =>
        new CsvRecords(utf8, name, this, schema, columns, checks);
}
