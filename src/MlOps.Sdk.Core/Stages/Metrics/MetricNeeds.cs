using System.Text.Json.Serialization;

namespace MlOps.Sdk.Metrics;

/// <summary>What a metric reads of an evaluation.</summary>
[Flags]
[JsonConverter(typeof(JsonStringEnumConverter<MetricNeeds>))]
public enum MetricNeeds
{
    /// <summary>Only labels and decisions.</summary>
    None = 0,

    /// <summary>Scores: probabilities, or predicted numbers.</summary>
    Scores = 1,

    /// <summary>Decisions, which for a binary classifier depend on the threshold.</summary>
    Decisions = 2,

    /// <summary>The groups of a protected attribute.</summary>
    Groups = 4,

    /// <summary>The weights of the rows, where there are any. A metric without this flag counts all rows alike.</summary>
    Weights = 8,
}
