using System.Text.Json.Serialization;

namespace MlOps.Sdk.Processing;

/// <summary>The part of the data that a row belongs to.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SplitSide>))]
public enum SplitSide
{
    /// <summary>Models learn from it.</summary>
    Train,

    /// <summary>Models are judged on it, and never see it before.</summary>
    Holdout,

    /// <summary>Neither: the row lies in the gap between the two, and is only counted.</summary>
    Neither,
}
