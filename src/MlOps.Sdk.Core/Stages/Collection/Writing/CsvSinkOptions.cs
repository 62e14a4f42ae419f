using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>How a CSV file is written.</summary>
public sealed class CsvSinkOptions
{
    /// <summary>
    /// What separates fields, an ASCII character that no number, boolean or point in time has; <c>'\t'</c> for TSV. Default: a comma.
    /// </summary>
    public char Delimiter { get; set; } = ',';

    /// <summary>
    /// The text of a missing value. Default: the empty field, unquoted; an empty text is then written as <c>""</c>, which
    /// <see cref="DataSources.Csv"/> reads as missing, too. Where the two must stay distinct, give a text that no value equals, such as
    /// <c>\N</c>, and name it alone in <see cref="CsvOptions.NullTokens"/>.
    /// </summary>
    public string NullToken { get; set; } = "";

    internal void Validate()
    {
        if (!char.IsAscii(Delimiter) || Delimiter is '"' or '\r' or '\n' or '\0')
        {
            throw new MlOpsException(
                "The delimiter of a CSV file must be an ASCII character other than a quote or a line break.",
                "Use ',', ';', '|' or a tab.");
        }
        if (char.IsAsciiLetterOrDigit(Delimiter) || Delimiter is '+' or '-' or '.' or ':')
        {
            throw new MlOpsException(
                $"'{Delimiter}' cannot separate the fields of a CSV file, because numbers or points in time have it.",
                "Use ',', ';', '|' or a tab.");
        }
        if (NullToken is null || NullToken.AsSpan().ContainsAny('"', '\r', '\n') || NullToken.Contains(Delimiter)
            || NullToken != NullToken.Trim())
        {
            throw new MlOpsException(
                "The text of a missing value in a CSV file has a quote, a line break, the delimiter, or spaces around it.",
                "Leave NullToken empty, or use a text such as \\N.");
        }
        var token = Encoding.UTF8.GetBytes(NullToken);
        if (FieldText.TryNumber(token, out _) || FieldText.TryBoolean(token, out _) || FieldText.TryTimestamp(token, out _))
        {
            throw new MlOpsException(
                $"'{NullToken}' is the text of a missing value in a CSV file, but is also a value.",
                "Leave NullToken empty, or use a text such as \\N.");
        }
    }
}
