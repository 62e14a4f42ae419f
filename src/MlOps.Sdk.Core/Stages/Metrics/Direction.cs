using System.Text.Json.Serialization;

namespace MlOps.Sdk.Metrics;

/// <summary>Which values of a metric are better.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Direction>))]
public enum Direction
{
    /// <summary>Higher is better.</summary>
    Up,

    /// <summary>Lower is better.</summary>
    Down,

    /// <summary>The nearer to zero the better, from either side.</summary>
    TowardZero,
}
