using System.ComponentModel.DataAnnotations;

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
    /// Threads that training may take at most, so that it cannot starve the host; <see langword="null"/> for what the lifecycle says.
    /// </summary>
    [Range(1, 1024)]
    public int? TrainingThreads { get; set; }
}
