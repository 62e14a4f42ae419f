using System.Text.Json.Serialization;

namespace MlOps.Sdk;

/// <summary>What came of asking a lifecycle to retrain.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RetrainingOutcome>))]
public enum RetrainingOutcome
{
    /// <summary>A challenger was trained and judged; the run says whether it was promoted.</summary>
    Ran,

    /// <summary>No retraining is requested, or the requested one has been run.</summary>
    NotAsked,

    /// <summary>
    /// The last retraining that was requested failed three times. The next alarm, a corrected label or
    /// <see cref="Lifecycle.RetrainNowAsync"/> starts again.
    /// </summary>
    GivenUp,

    /// <summary>Another process, or another call in this one, is answering it.</summary>
    AnsweredElsewhere,
}
