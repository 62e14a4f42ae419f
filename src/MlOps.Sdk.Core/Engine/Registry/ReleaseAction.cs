using System.Text.Json.Serialization;

namespace MlOps.Sdk.Registry;

/// <summary>What changes which version answers the calls of a model, and what the registry says of it.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReleaseAction>))]
public enum ReleaseAction
{
    /// <summary>Makes a blessed version the live one: at the end of a run or an import, or by its number.</summary>
    Promote,

    /// <summary>Makes an earlier version the live one again.</summary>
    RollBack,

    /// <summary>Divides the calls over several versions, or ends that.</summary>
    Divide,

    /// <summary>Stops a model, so that no version answers.</summary>
    Stop,

    /// <summary>Lets a model answer again that was stopped.</summary>
    Resume,

    /// <summary>Says what answers where a model does not.</summary>
    SetFallback,

    /// <summary>Sets or removes an alias that serves nothing.</summary>
    SetAlias,

    /// <summary>Changes the description or the tags of a model or version.</summary>
    Describe,

    /// <summary>Archives a version, or takes it back into the lists.</summary>
    Archive,

    /// <summary>Deletes a version.</summary>
    Delete,
}
