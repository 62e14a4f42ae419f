using System.Text.Json.Serialization;

namespace MlOps.Sdk.Registry;

/// <summary>What a gate said.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<GateOutcome>))]
public enum GateOutcome
{
    /// <summary>The requirement is met.</summary>
    Passed,

    /// <summary>The requirement is not met.</summary>
    Failed,

    /// <summary>There was nothing to judge, for example no incumbent to compare with.</summary>
    NotApplicable,
}
