using System.Globalization;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>
/// How a CSV file is read. The format is RFC 4180: fields quoted with <c>"</c> where needed, quoted fields may hold line breaks. Lines that
/// are empty are skipped. A file that begins as gzip does, whatever its name, is decompressed while it is read.
/// </summary>
public sealed class CsvOptions
{
    /// <summary>What separates fields, an ASCII character; <c>'\t'</c> for TSV. Default: a comma.</summary>
    public char Delimiter { get; set; } = ',';

    /// <summary>
    /// Whether the first line names the columns. Without a header, they are named by the <see cref="Schema"/>, in its order and completely,
    /// or else <c>column1</c>, <c>column2</c>, … Default: <see langword="true"/>.
    /// </summary>
    public bool HasHeader { get; set; } = true;

    /// <summary>
    /// The encoding of a file without a byte order mark; a byte order mark (UTF-8, UTF-16, UTF-32) goes before. Default:
    /// <see langword="null"/>, which is UTF-8.
    /// </summary>
    public Encoding? Encoding { get; set; }

    /// <summary>
    /// How numbers and dates are written: decimal separator, group separator, short date and time; ISO 8601 dates are read as well. Blanks
    /// of all kinds are the same between groups, and so are the straight and the curved apostrophe.
    /// Default: <see cref="CultureInfo.InvariantCulture"/>, without groups.
    /// </summary>
    public CultureInfo Culture { get; set; } = CultureInfo.InvariantCulture;

    /// <summary>
    /// The formats of dates and times, as <see cref="DateTime.ParseExact(string, string, IFormatProvider)"/> takes them; with any, no
    /// others are read, and what they can read is rather a date than a number. UTC without an offset. Default: none.
    /// </summary>
    public IList<string> DateFormats { get; } = [];

    /// <summary>
    /// What stands before or behind numbers, with or without blanks between, and is left out: a unit, a currency, a percent sign, such as
    /// <c>"kg"</c>, <c>"$"</c>, <c>"%"</c>. Compared exactly; the number is not changed: <c>12 %</c> is 12. Default: none.
    /// </summary>
    public IList<string> Units { get; } = [];

    /// <summary>Fields, quoted or not, that mean "no value"; compared exactly. Default: the empty field only.</summary>
    public IList<string> NullTokens { get; } = [""];

    /// <summary>
    /// Whether spaces, tabs and what cannot be seen (no-break spaces, byte order marks, zero bytes) around a field or a name are removed,
    /// also inside quotes, before anything else looks at it. Default: <see langword="false"/>, as RFC 4180 says.
    /// </summary>
    public bool Trim { get; set; }

    /// <summary>
    /// The columns to read, with their types; other columns of the file are not read. <see langword="null"/> (the default) finds the types
    /// out from the whole file: whole numbers that fit 64 bits are <see cref="ColumnType.Integer"/>, finite numbers
    /// <see cref="ColumnType.Number"/>, <c>true</c>/<c>false</c> <see cref="ColumnType.Boolean"/>, ISO 8601 dates and times (kept to the
    /// microsecond; UTC without an offset) <see cref="ColumnType.Timestamp"/>; everything else, also codes such as <c>007</c>, is
    /// <see cref="ColumnType.Text"/>.
    /// </summary>
    public Schema? Schema { get; set; }

    internal void Validate()
    {
        if (!char.IsAscii(Delimiter) || Delimiter is '"' or '\r' or '\n' or '\0')
        {
            throw new MlOpsException(
                "The delimiter of a CSV file must be an ASCII character other than a quote or a line break.",
                "Use ',', ';', '|' or a tab.");
        }
        if (Schema is { Count: 0 })
        {
            throw new MlOpsException(
                "The schema for the CSV file has no columns.",
                "Leave Schema null to infer the columns from the file.");
        }
        if (Schema?.FirstOrDefault(field => field.Type == ColumnType.Vector) is { } vector)
            throw new MlOpsException("A CSV file cannot hold vectors.", "Read the elements as separate columns.") { Column = vector.Name };
        if (Culture is null)
        {
            throw new MlOpsException("The culture of the CSV file is null.", "Leave Culture as CultureInfo.InvariantCulture, or set " +
                "another culture.");
        }
        if (Units.Any(unit => string.IsNullOrWhiteSpace(unit) || unit.AsSpan().ContainsAnyInRange('0', '9')))
        {
            throw new MlOpsException("A unit of the CSV file is empty or has digits.", "Give units such as \"kg\", \"$\" or \"%\".");
        }
        if (DateFormats.FirstOrDefault(string.IsNullOrWhiteSpace) is not null || DateFormats.Contains(null!))
        {
            throw new MlOpsException("A date format of the CSV file is empty.", "Give formats such as \"dd.MM.yyyy\".");
        }
    }
}
