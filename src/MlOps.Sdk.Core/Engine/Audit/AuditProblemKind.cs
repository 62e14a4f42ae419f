using System.Text.Json.Serialization;

namespace MlOps.Sdk.Audit;

/// <summary>What was done to the audit log, or to the records that it is about.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AuditProblemKind>))]
public enum AuditProblemKind
{
    /// <summary>A field of an entry was changed.</summary>
    Altered,

    /// <summary>An entry between others was removed.</summary>
    Missing,

    /// <summary>An entry stands in another place than the one in which it was written.</summary>
    Reordered,

    /// <summary>An entry was added that the library did not write.</summary>
    Inserted,

    /// <summary>Entries were removed from the end of the log.</summary>
    CutOff,

    /// <summary>
    /// The entries follow from each other, and are not those that were written: a hash that was kept elsewhere is not theirs.
    /// </summary>
    Rewritten,

    /// <summary>The log is as it was written, and a record that it is about is not.</summary>
    RecordDiffers,
}
