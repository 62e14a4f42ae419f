using System.Text.Json.Serialization;

namespace MlOps.Sdk.Tracking;

/// <summary>In what runs differ.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RunDifferenceKind>))]
public enum RunDifferenceKind
{
    /// <summary>A parameter.</summary>
    Parameter,

    /// <summary>The last value of a metric.</summary>
    Metric,

    /// <summary>A tag.</summary>
    Tag,

    /// <summary>Rows that were used, by role and name.</summary>
    Dataset,

    /// <summary>The environment: commit, packages, machine and so on.</summary>
    Environment,
}
