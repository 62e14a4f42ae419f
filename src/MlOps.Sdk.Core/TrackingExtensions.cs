using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk;

/// <summary>Tracking without a lifecycle.</summary>
public static class TrackingExtensions
{
    /// <summary>Starts a run that code of its own logs into.</summary>
    /// <param name="workspace">Where the run is recorded.</param>
    /// <param name="name">
    /// The name of the experiment, up to 250 characters. Runs of a lifecycle of the same name are listed beside it.
    /// </param>
    /// <param name="options">Tags, seed and cause; <see langword="null"/> for none.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <returns>The run. Complete it, then dispose of it: without <see cref="TrackedRun.CompleteAsync"/>, it is Interrupted.</returns>
    public static Task<TrackedRun> StartRunAsync(
        this Workspace workspace, string name, TrackedRunOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        return new Host(workspace).StartAsync(name, options ?? new TrackedRunOptions(), null, cancellationToken);
    }

    private sealed class Host(Workspace workspace) : IRunHost
    {
        public TimeProvider Time => workspace.Time;

        public RunHistory Runs => workspace.Runs;

        public RunLogger Logger => workspace.Logger;

        public IArtifactStore ArtifactsOf(string runId) => new RunArtifacts(workspace.Store, workspace.Files, runId);

        public async Task<TrackedRun> StartAsync(
            string name, TrackedRunOptions options, string? parent, CancellationToken cancellationToken)
        {
            RunText.Check(name, nameof(name));
            RunText.Check(options.Cause, nameof(options), RunText.LongestValue);
            foreach (var (tag, value) in options.Tags)
            {
                RunText.Check(tag, nameof(options));
                RunText.Check(value, nameof(options), RunText.LongestValue);
            }

            var start = new RunStart(name, [], options.Seed, options.Cause, parent) { Kind = RunKind.Experiment, Tags = options.Tags };
            var tracker = await RunTracker.StartAsync(
                workspace.Store, workspace.Logger, start, cancellationToken).ConfigureAwait(false);
            var log = await tracker.OpenLogAsync(
                workspace.RunLogLimits, workspace.Logger.Outside, isResumed: false, cancellationToken).ConfigureAwait(false);
            workspace.Enter(tracker);
            return new TrackedRun(this, tracker, log);
        }

        public void Leave(RunTracker tracker) => workspace.Leave(tracker);
    }
}
