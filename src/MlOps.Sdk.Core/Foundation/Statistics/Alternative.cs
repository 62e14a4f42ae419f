using System.Text.Json.Serialization;

namespace MlOps.Sdk;

/// <summary>What a test holds against the null hypothesis of no difference.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Alternative>))]
public enum Alternative
{
    /// <summary>The first sample differs, in either direction.</summary>
    TwoSided,

    /// <summary>
    /// The first sample is less. For Kolmogorov–Smirnov: its distribution function lies below that of the second somewhere.
    /// </summary>
    Less,

    /// <summary>
    /// The first sample is greater. For Kolmogorov–Smirnov: its distribution function lies above that of the second somewhere.
    /// </summary>
    Greater,
}
