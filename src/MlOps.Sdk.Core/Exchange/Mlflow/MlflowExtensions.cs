using MlOps.Sdk.Tracking;

namespace MlOps.Sdk;

/// <summary>Sends runs to MLflow.</summary>
public static class MlflowExtensions
{
    /// <summary>
    /// Sends runs with their child runs to an MLflow server: parameters, metric series, tags, notes, datasets and artifacts. A run that is
    /// there already is completed and not made again, so that an export can be repeated. Runs that are in progress are left out. Several
    /// runs are sent at once, parents before their children; the folds of a trial are metrics of the trial.
    /// </summary>
    /// <param name="workspace">The workspace.</param>
    /// <param name="options">The server.</param>
    /// <param name="filter">Which runs; <see langword="null"/> for all.</param>
    /// <param name="progress">Hears how far it is: items are runs.</param>
    /// <param name="cancellationToken">Cancels; what was sent stays.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="MlOpsException">The server cannot be reached, or rejects what is sent.</exception>
    public static Task<MlflowReport> ExportToMlflowAsync(
        this Workspace workspace,
        MlflowOptions options,
        RunFilter? filter = null,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(options);
        return new MlflowExport(workspace, options.Checked(), progress).RunAsync(filter ?? RunFilter.All, cancellationToken);
    }
}
