using System.Text.Json.Serialization;

namespace MlOps.Sdk.Exploration;

/// <summary>What the rows say about a hypothesis.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Verdict>))]
public enum Verdict
{
    /// <summary>The rows support it, after correction for the number of hypotheses.</summary>
    Supported,

    /// <summary>The rows do not support it.</summary>
    NotSupported,

    /// <summary>There are too few rows to say.</summary>
    NotEnoughData,
}
