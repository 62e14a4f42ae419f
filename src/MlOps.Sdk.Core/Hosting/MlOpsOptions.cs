using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk;

/// <summary>
/// How the library behaves in a host. Bound from configuration: <c>services.AddMlOps(configuration.GetSection("MlOps"))</c>; a key that is
/// no option keeps the host from starting.
/// </summary>
public sealed class MlOpsOptions
{
    /// <summary>The workspace's folder. Default: <c>.mlops</c>.</summary>
    [Required(AllowEmptyStrings = false)]
    public string Workspace { get; set; } = ".mlops";

    /// <summary>Who acts, for the audit log; <see langword="null"/> for the process's user.</summary>
    public string? Actor { get; set; }

    /// <summary>
    /// Whether the lifecycles run when the host starts; what is up to date is reused. Default: no, the version promoted last is served.
    /// </summary>
    public bool RunAtStart { get; set; }

    /// <summary>
    /// How often the monitors check, and retrainings that they requested are answered. Default: never; call <c>CheckAsync</c>
    /// and <c>RetrainAsync</c> yourself. Schedules (<c>RetrainAt</c>) do not depend on it. From 1 second to 30 days.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan? CheckInterval { get; set; }

    /// <summary>
    /// How often the host looks whether another version was promoted, by another process or a rollback, and takes it up. It also tells the
    /// workspace then which rows its endpoints can give. Default: 30 seconds. From 100 milliseconds to 1 day.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan PromotionInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How often the rollouts of the lifecycles are decided on, where <c>DeployModel</c> has a strategy. Default: 30 seconds. From 1 second
    /// to 1 day.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan RolloutInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How often the targets of the lifecycles outside this process are compared with the live version, and brought to it where they
    /// differ. The first time is when the host starts. Default: 1 minute. From 1 second to 1 day.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan ReconcileInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The earliest moment at which a release of another workspace may have gone live there, to be received here:
    /// <see cref="WorkspaceOptions.ReleasesNotBefore"/>. Default: <see langword="null"/>, no floor.
    /// </summary>
    public DateTimeOffset? ReleasesNotBefore { get; set; }

    /// <summary>How many runs and retrainings of this host are in progress at once; others wait in a queue. Default: 1.</summary>
    [Range(1, 64)]
    public int ConcurrentRuns { get; set; } = 1;

    /// <summary>
    /// What the runs and retrainings of this host do while another run of the same lifecycle is in progress in the workspace, in this
    /// process or another one. A run at start that is rejected is left out, and a retraining is tried again at the next interval. Default:
    /// <see cref="RunConcurrency.Allow"/>.
    /// </summary>
    [EnumDataType(typeof(RunConcurrency))]
    public RunConcurrency RunConcurrency { get; set; }

    /// <summary>
    /// Threads that training may take at most, so that it cannot starve the host; <see langword="null"/> for what the lifecycle says.
    /// </summary>
    [Range(1, 1024)]
    public int? TrainingThreads { get; set; }

    /// <summary>
    /// The lowest level of messages that the log of a run keeps, whatever the loggers of the application keep;
    /// <see cref="LogLevel.None"/> for no logs of runs. Default: <see cref="LogLevel.Information"/>.
    /// </summary>
    [EnumDataType(typeof(LogLevel))]
    public LogLevel RunLogLevel { get; set; } = LogLevel.Information;

    /// <summary>
    /// How many messages the log of a run keeps. When there are more, how the run began and its latest messages stay, and between them
    /// those of the highest levels. Default: 2,000. From 16 to 100,000.
    /// </summary>
    [Range(RunLogLimits.LeastEntries, RunLogLimits.MostEntries)]
    public int RunLogEntries { get; set; } = RunLogLimits.DefaultEntries;

    /// <summary>How many bytes the messages of a run have together. Default: 1 MiB. From 256 KiB to 256 MiB.</summary>
    [Range(RunLogLimits.LeastBytes, RunLogLimits.MostBytes)]
    public int RunLogBytes { get; set; } = RunLogLimits.DefaultBytes;
}
