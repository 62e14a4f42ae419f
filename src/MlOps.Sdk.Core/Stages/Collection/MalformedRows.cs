using System.Text.Json.Serialization;

namespace MlOps.Sdk.Collection;

/// <summary>
/// What happens to a row that a source cannot read as its schema says: a value of another type, too few or too many fields, text behind a
/// closing quote, a line that is no JSON object, bytes that are no text.
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<MalformedRows>))]
public enum MalformedRows
{
    /// <summary>Reading fails, and the message says where.</summary>
    Fail,

    /// <summary>The row is quarantined with the reason, and reading continues.</summary>
    Quarantine,

    /// <summary>
    /// The value that cannot be read is missing, fields that are not there too, and the reason is quarantined; a row with too many fields,
    /// broken quotes or broken JSON is quarantined as a whole.
    /// </summary>
    Null,
}
