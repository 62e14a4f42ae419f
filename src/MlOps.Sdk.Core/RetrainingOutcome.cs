using System.Text.Json.Serialization;

namespace MlOps.Sdk;

/// <summary>What came of asking a lifecycle to retrain.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RetrainingOutcome>))]
public enum RetrainingOutcome
{
    /// <summary>A challenger was trained and judged; the run says whether it was promoted.</summary>
    Ran,

    /// <summary>Nobody asks for a retraining, or what was asked for is answered.</summary>
    NotAsked,

    /// <summary>
    /// The last retraining that was asked for failed three times. The next alarm, a corrected label or
    /// <see cref="Lifecycle.RetrainNowAsync"/> begins anew.
    /// </summary>
    GivenUp,

    /// <summary>Another process, or another call in this one, is answering it.</summary>
    AnsweredElsewhere,
}
