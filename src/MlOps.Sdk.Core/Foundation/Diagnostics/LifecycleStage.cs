using System.Text.Json.Serialization;

namespace MlOps.Sdk;

/// <summary>The nine stages of the lifecycle, in order.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LifecycleStage>))]
public enum LifecycleStage
{
    /// <summary>1: what is to be solved, for whom, at what risk.</summary>
    Problem = 1,

    /// <summary>2: where data comes from.</summary>
    Collection = 2,

    /// <summary>3: cleaning, expectations, snapshots, splitting.</summary>
    Processing = 3,

    /// <summary>4: what "good" means.</summary>
    Metrics = 4,

    /// <summary>5: profiles, associations, hypotheses.</summary>
    Exploration = 5,

    /// <summary>6: fitted transforms.</summary>
    Features = 6,

    /// <summary>7: search, cross-validation, the best fit.</summary>
    Training = 7,

    /// <summary>8: package, gates, endpoint.</summary>
    Deployment = 8,

    /// <summary>9: drift, bias, alerts, retraining.</summary>
    Monitoring = 9,
}
