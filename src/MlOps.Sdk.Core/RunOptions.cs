namespace MlOps.Sdk;

/// <summary>How a lifecycle is run.</summary>
public sealed record RunOptions
{
    /// <summary>A little less than the timers of .NET can wait.</summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromDays(45);

    /// <summary>Whether results of earlier runs are taken where nothing changed. Default: yes.</summary>
    public bool Reuse { get; init; } = true;

    /// <summary>The run to continue with; <see langword="null"/> for a new one.</summary>
    public string? Resume { get; init; }

    /// <summary>Why the run is made, for the record. Default: <c>manual</c>.</summary>
    public string Cause { get; init; } = "manual";

    /// <summary>
    /// What happens while another run of the lifecycle is in progress in the workspace, in this process or another one. Default:
    /// <see cref="RunConcurrency.Allow"/>.
    /// </summary>
    public RunConcurrency Concurrency { get; init; }

    /// <summary>
    /// How long the run may take, above 0 and at most 45 days; then it is cancelled. Waiting for its turn does not count.
    /// <see langword="null"/> for as long as it takes.
    /// Default: <see langword="null"/>.
    /// </summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// How long a cancelled run waits for a plug-in that does not listen to its cancellation, 0 to 45 days. Then the run ends without it;
    /// the plug-in is named in the log, and what it still makes is not kept. A deployment target that is left behind may still change what
    /// it serves: run again, which brings every target to the live version. Default: 5 seconds.
    /// </summary>
    public TimeSpan CancellationGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Where plug-ins that were named by type come from; a run gets its own scope, and so does every later check of the
    /// monitors: hand in the container itself.
    /// </summary>
    public IServiceProvider? Services { get; init; }

    /// <summary>The stage that runs again, with those behind it where a run is resumed.</summary>
    internal LifecycleStage? From { get; init; }

    /// <summary>The run on whose results a single stage is repeated.</summary>
    internal string? StageOf { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    internal void RequireValid()
    {
        if (!Enum.IsDefined(Concurrency))
        {
            throw new ArgumentOutOfRangeException(nameof(Concurrency), Concurrency, "There is no such value.");
        }
        if (Timeout is { } timeout)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero, nameof(Timeout));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(timeout, Longest, nameof(Timeout));
        }
        ArgumentOutOfRangeException.ThrowIfLessThan(CancellationGrace, TimeSpan.Zero, nameof(CancellationGrace));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(CancellationGrace, Longest, nameof(CancellationGrace));
    }
}
