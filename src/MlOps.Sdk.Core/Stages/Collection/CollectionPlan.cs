using Polly;

namespace MlOps.Sdk.Collection;

/// <summary>The settings of a <see cref="CollectionBuilder"/>. Immutable and thread-safe.</summary>
internal sealed record CollectionPlan
{
    /// <summary>The sources, in order; at least one.</summary>
    public required IReadOnlyList<CollectionStep> Sources { get; init; }

    /// <summary>The pipeline that the user configured; <see langword="null"/> for the default.</summary>
    public ResiliencePipeline? Resilience { get; init; }

    public MalformedRows Malformed { get; init; }

    /// <summary>The share of rows that may be malformed.</summary>
    public double Tolerance { get; init; }

    /// <summary>Whether the rows of the last run stand in front of the new ones.</summary>
    public bool KeepsEarlierRows { get; init; }

    /// <summary>What is done to personal columns, by name.</summary>
    public IReadOnlyDictionary<string, PersonalTreatment> Personal { get; init; } = new Dictionary<string, PersonalTreatment>();
}
