using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>
/// How a CSV file is read. The format is RFC 4180: a header line, fields quoted with <c>"</c> where needed, quoted fields may hold line breaks.
/// The text is UTF-8, with or without a byte order mark. Numbers and times are culture-independent. Lines that are empty are skipped.
/// </summary>
public sealed class CsvOptions
{
    /// <summary>What separates fields, an ASCII character. Default: a comma.</summary>
    public char Delimiter { get; set; } = ',';

    /// <summary>Fields, quoted or not, that stand for "no value"; compared exactly. Default: the empty field only.</summary>
    public IList<string> NullTokens { get; } = [""];

    /// <summary>Whether spaces and tabs around a field are removed, also inside quotes, before anything else looks at it. Default: <see langword="false"/>, as RFC 4180 says.</summary>
    public bool Trim { get; set; }

    /// <summary>
    /// The columns to read, with their types; other columns of the file are not read. <see langword="null"/> (the default) finds the types out from the whole file:
    /// whole numbers that fit 64 bits are <see cref="ColumnType.Integer"/>, finite numbers <see cref="ColumnType.Number"/>, <c>true</c>/<c>false</c>
    /// <see cref="ColumnType.Boolean"/>, ISO 8601 dates and times (kept to the microsecond; UTC without an offset) <see cref="ColumnType.Timestamp"/>; everything else, also codes such as <c>007</c>, is <see cref="ColumnType.Text"/>.
    /// </summary>
    public Schema? Schema { get; set; }

    /// <summary>What besides the file's bytes decides the rows; empty for the defaults.</summary>
    internal string Settings => Delimiter == ',' && !Trim && Schema is null && NullTokens is [""] ? "" : $"{Delimiter}|{Trim}|{string.Join('\u001f', NullTokens)}|{Schema}";

    internal void Validate()
    {
        if (!char.IsAscii(Delimiter) || Delimiter is '"' or '\r' or '\n' or '\0')
            throw new MlOpsException("The delimiter of a CSV file must be an ASCII character other than a quote or a line break.", "Use ',', ';', '|' or a tab.");
        if (Schema is { Count: 0 }) throw new MlOpsException("The schema for the CSV file has no columns.", "Leave Schema at null to find the columns out from the file.");
        if (Schema?.FirstOrDefault(field => field.Type == ColumnType.Vector) is { } vector)
            throw new MlOpsException("A CSV file holds no vectors.", "Read the elements as columns of their own.") { Column = vector.Name };
    }
}
