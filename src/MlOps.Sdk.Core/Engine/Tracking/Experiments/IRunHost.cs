using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>What a tracked run needs of its workspace.</summary>
internal interface IRunHost
{
    TimeProvider Time { get; }

    RunHistory Runs { get; }

    /// <summary>The logger of the application.</summary>
    RunLogger Logger { get; }

    /// <summary>The artifacts as a run puts them.</summary>
    IArtifactStore ArtifactsOf(string runId);

    Task<TrackedRun> StartAsync(string name, TrackedRunOptions options, string? parent, CancellationToken cancellationToken);

    /// <summary>Forgets a run that has ended.</summary>
    void Leave(RunTracker tracker);
}
