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

    /// <summary>A version that was being rolled out was rolled back. No monitor gives it, and no retraining is requested on it.</summary>
    Release,

    /// <summary>The model is worse on labelled predictions than on its holdout, or for a group than for all others.</summary>
    Performance,

    /// <summary>Decisions are worth less to the business than on the holdout.</summary>
    Value,

    /// <summary>Calls take longer than they may.</summary>
    Latency,

    /// <summary>More calls fail, or the version refuses more, than may.</summary>
    Errors,

    /// <summary>Far more or far fewer calls come than before.</summary>
    Volume,

    /// <summary>A version waits for people to approve it. No monitor gives it, and no retraining is requested on it.</summary>
    Approval,
}
