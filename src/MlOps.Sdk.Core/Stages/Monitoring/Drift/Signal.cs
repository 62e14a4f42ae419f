using System.Text.Json.Serialization;

namespace MlOps.Sdk;

/// <summary>What monitoring can notice.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Signal>))]
public enum Signal
{
    /// <summary>The inputs are distributed otherwise than in training.</summary>
    DataDrift,

    /// <summary>The scores are distributed otherwise than out of fold in training.</summary>
    PredictionDrift,

    /// <summary>Groups of a protected attribute are treated differently.</summary>
    Bias,

    /// <summary>What a monitor of the team's own measures.</summary>
    Custom,

    /// <summary>A version that was being rolled out was rolled back. No built-in monitor gives it.</summary>
    Release,
}
