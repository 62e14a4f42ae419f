using Microsoft.Extensions.Logging;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Execution;

/// <summary>What all stages of a run share.</summary>
internal sealed record RunContext
{
    public required string Lifecycle { get; init; }

    public required string RunId { get; init; }

    public required int Seed { get; init; }

    public required IArtifactStore Artifacts { get; init; }

    /// <summary>Whether an artifact is there.</summary>
    public Func<ArtifactId, CancellationToken, Task<bool>> IsStored { get; init; } = (_, _) => Task.FromResult(true);

    public required FormatReaders Readers { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Logger { get; init; }

    /// <summary>The log of the run; <see langword="null"/> for none.</summary>
    public RunLog? Log { get; init; }

    /// <summary>How long stages may take; those that are not named, as long as it takes.</summary>
    public IReadOnlyDictionary<LifecycleStage, TimeSpan> Budgets { get; init; } = new Dictionary<LifecycleStage, TimeSpan>();

    /// <summary>Whether the run goes on with one that ended before.</summary>
    public bool IsResumed { get; init; }

    /// <summary>The version that the run made before, and for which people were asked; <see langword="null"/> for none.</summary>
    public int? AwaitedVersion { get; init; }

    public IServiceProvider Services { get; init; } = PluginServices.None;

    /// <summary>How long the cancelled run waits for a plug-in that does not listen.</summary>
    public TimeSpan CancellationGrace { get; init; } = PluginPatience.DefaultGrace;

    /// <summary>Receives metric values, which are stored with the run and with the result of the stage.</summary>
    public Action<string, double> LogMetric { get; init; } = (_, _) => { };

    /// <summary>Receives parameters, which are stored with the run and with the result of the stage.</summary>
    public Action<string, string> LogParameter { get; init; } = (_, _) => { };

    /// <summary>Receives what is added to the reason why the stage is computed.</summary>
    public Func<string, CancellationToken, Task> ExplainAsync { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>Where the trials of a search are recorded; <see langword="null"/> for nowhere.</summary>
    public TrialRecords? Trials { get; init; }
}
