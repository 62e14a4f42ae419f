using System.Globalization;

namespace MlOps.Sdk.Tracking;

/// <summary>
/// A lifecycle was not started, because a run of it is in progress and <see cref="RunConcurrency.Reject"/> is set. Nothing was recorded.
/// </summary>
public sealed class RunInProgressException : MlOpsException
{
    internal RunInProgressException(RunAtWork atWork)
        : base(
            string.Create(
                CultureInfo.InvariantCulture,
                $"'{atWork.Lifecycle}' was not started, because run '{atWork.RunId}' of process {atWork.ProcessId} on {atWork.Machine} " +
                    $"(since {atWork.Since:u}) is in progress."),
            "Start it again when that run has ended, or set RunOptions.Concurrency to Wait or Allow.") => AtWork = atWork;

    /// <summary>The run that is in progress.</summary>
    public string RunId => AtWork.RunId!;

    /// <summary>The machine that it runs on.</summary>
    public string Machine => AtWork.Machine;

    /// <summary>The process that it runs in.</summary>
    public int ProcessId => AtWork.ProcessId;

    /// <summary>When it began, in UTC.</summary>
    public DateTimeOffset StartedAt => AtWork.Since;

    internal RunAtWork AtWork { get; }
}
