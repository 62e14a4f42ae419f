using System.ComponentModel.DataAnnotations;

namespace MlOps.Sdk;

/// <summary>
/// How the library behaves in a host. Bound from configuration: <c>services.AddMlOps(configuration.GetSection("MlOps"))</c>.
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
    /// How often the monitors check, and retrainings that they asked for are answered. Default: never; call <c>CheckAsync</c>
    /// and <c>RetrainAsync</c> yourself.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan? CheckInterval { get; set; }

    /// <summary>
    /// Threads that training may take at most, so that it cannot starve the host; <see langword="null"/> for what the lifecycle says.
    /// </summary>
    [Range(1, 1024)]
    public int? TrainingThreads { get; set; }
}
