using System.Text.Json.Serialization;

namespace MlOps.Sdk.Exploration;

/// <summary>Why a column is suspected to leak the label.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LeakageReason>))]
public enum LeakageReason
{
    /// <summary>The column alone nearly determines the label.</summary>
    PredictsLabel,

    /// <summary>Whether the column has a value nearly determines the label: it may be filled only after the outcome.</summary>
    MissingPredictsLabel,

    /// <summary>Nearly every row has a different value: a model can only memorise it.</summary>
    Identifier,

    /// <summary>
    /// The column is missing in rows of one class only, and in too many for chance: it may be written, or deleted, after the outcome.
    /// </summary>
    MissingInOneClass,

    /// <summary>
    /// The column holds points in time that lie after the prediction: it tells of what happens later. See
    /// <see cref="ExplorationBuilder.PredictedAt"/>.
    /// </summary>
    LaterThanPrediction,
}
