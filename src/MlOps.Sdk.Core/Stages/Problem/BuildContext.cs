namespace MlOps.Sdk.Problem;

/// <summary>What the builders of the stages need of each other when a lifecycle is built, and where they report their mistakes.</summary>
internal sealed class BuildContext
{
    /// <summary>What is predicted; <see langword="null"/> when nothing says so.</summary>
    public TaskKind? Task { get; init; }

    /// <summary>Whether a trainer reads features.</summary>
    public bool NeedsFeatures { get; init; } = true;

    /// <summary>The mistakes, each with its remedy.</summary>
    public ICollection<string> Mistakes { get; init; } = new List<string>();

    /// <summary>The stages whose description ended with a mistake: the calls after it were not made.</summary>
    public IReadOnlySet<LifecycleStage> Unfinished { get; init; } = new HashSet<LifecycleStage>();

    /// <summary>Reports what a stage lacks, unless its description ended before it was complete.</summary>
    public void Lacks(LifecycleStage stage, string mistake)
    {
        if (!Unfinished.Contains(stage)) Mistakes.Add(mistake);
    }
}
