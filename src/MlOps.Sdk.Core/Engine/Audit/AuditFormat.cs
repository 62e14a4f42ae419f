using System.Text.Json.Serialization;

namespace MlOps.Sdk.Audit;

/// <summary>
/// How an audit log is exported. Both forms are UTF-8 without a byte order mark, and hold all that the hashes are made of.
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<AuditFormat>))]
public enum AuditFormat
{
    /// <summary>
    /// An object of JSON in each line, with the details as nested JSON and, beside them, the text that the hash is made of.
    /// </summary>
    JsonLines,

    /// <summary>
    /// Comma-separated values after RFC 4180, with a line of headings. Texts that a spreadsheet would take for a formula, and those that
    /// begin with an apostrophe, have an apostrophe before them.
    /// </summary>
    Csv,
}
