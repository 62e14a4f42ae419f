using System.Text.Json.Serialization;

namespace MlOps.Sdk.Training;

/// <summary>How soon a training ends when it is cancelled.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CancellationSpeed>))]
public enum CancellationSpeed
{
    /// <summary>Within about a second.</summary>
    Prompt,

    /// <summary>At the end of the phase that it is in, which may take as long as the training.</summary>
    BetweenPhases,
}
