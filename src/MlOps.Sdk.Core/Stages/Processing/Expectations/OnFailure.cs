using System.Text.Json.Serialization;

namespace MlOps.Sdk;

/// <summary>What happens when an expectation is not met.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OnFailure>))]
public enum OnFailure
{
    /// <summary>The run fails, before anything is kept.</summary>
    Fail,

    /// <summary>The rows that fail are quarantined, each with the name of the expectation, and the run continues without them.</summary>
    Quarantine,

    /// <summary>The result is recorded, and the run continues.</summary>
    Warn,
}
