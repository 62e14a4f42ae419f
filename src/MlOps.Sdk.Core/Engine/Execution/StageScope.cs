namespace MlOps.Sdk.Execution;

/// <summary>Which of its stages a run computes, and for which it takes recorded results.</summary>
internal sealed record StageScope
{
    /// <summary>Whether results of earlier runs are taken where nothing changed.</summary>
    public bool Reuse { get; init; } = true;

    /// <summary>The stage that runs again, with those behind it, also where nothing changed; <see langword="null"/> for none.</summary>
    public LifecycleStage? From { get; init; }

    /// <summary>The last stage; <see langword="null"/> for that of the lifecycle.</summary>
    public LifecycleStage? Last { get; init; }

    /// <summary>Why the stages from <see cref="From"/> on run, for the record.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The recorded results of stages before <see cref="From"/>, which are used as they are.</summary>
    public IReadOnlyDictionary<LifecycleStage, TakenStage> Taken { get; init; } = new Dictionary<LifecycleStage, TakenStage>();

    /// <summary>Stages that are left out, and why.</summary>
    public IReadOnlyDictionary<LifecycleStage, string> Skipped { get; init; } = new Dictionary<LifecycleStage, string>();

    /// <summary>Whether a stage must be computed.</summary>
    public bool IsForced(LifecycleStage stage) => !Reuse || stage >= From;
}
