using System.Text.Json.Serialization;

namespace MlOps.Sdk.MLNet;

/// <summary>How LightGBM boosts.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LightGbmBooster>))]
public enum LightGbmBooster
{
    /// <summary>Gradient boosted trees.</summary>
    Gbdt,

    /// <summary>
    /// Trees that are left aside by chance while others are grown (Rashmi and Gilad-Bachrach 2015). Grows all trees: later ones change
    /// earlier ones, so that none can be dropped.
    /// </summary>
    Dart,

    /// <summary>Rows of large gradients and a part of the others, for each tree.</summary>
    Goss,
}
