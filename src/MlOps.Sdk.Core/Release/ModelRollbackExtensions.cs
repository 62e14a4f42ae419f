using MlOps.Sdk.Registry;

namespace MlOps.Sdk;

/// <summary>Goes back to earlier versions of models.</summary>
public static class ModelRollbackExtensions
{
    /// <summary>
    /// Makes an earlier version the live one again. It must be blessed, and before anything changes its package is read, verified, and
    /// must answer its golden rows as it did when it was made. Then the alias <c>champion</c> moves, with its history, the desired route
    /// and the audit entry <c>model.rolled-back</c>, in one commit. Endpoints of this process serve the version when the task has ended;
    /// other processes take it up with <see cref="Workspace.ServeAsync"/>, like a promotion. Targets elsewhere are not called: a host that
    /// has the lifecycle brings them to the version within <see cref="MlOpsOptions.ReconcileInterval"/>; without such a host, call
    /// <see cref="Lifecycle.ReconcileAsync"/>. Thread-safe.
    /// </summary>
    /// <param name="models">The registry of an open workspace.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="reason">Why, for the record.</param>
    /// <param name="version">
    /// The version to roll back to, which may be any that is blessed; <see langword="null"/> for the one that was live before the present
    /// one. Called again, it goes back one more.
    /// </param>
    /// <param name="cancellationToken">Cancels until the alias is moved.</param>
    /// <returns>The move of the alias.</returns>
    /// <exception cref="MlOpsException">
    /// The actor may not roll the model back; no version is live, or none was before it; the version is not blessed or is the one that is
    /// live; its package is lost, damaged or does not answer as it did. What is live stays.
    /// </exception>
    /// <exception cref="ApprovalRequiredException">
    /// People must approve it: their approval is requested, and the last of them makes the version live by
    /// <see cref="ModelApprovals.ApproveAsync"/>. What is live stays until then.
    /// </exception>
    /// <exception cref="ConcurrencyException">Another version was promoted meanwhile; what is live stays.</exception>
    public static Task<AliasChange> RollbackAsync(
        this ModelRegistry models, string model, string reason, int? version = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        return ((Workspace)models.Home!).RollbackAsync(model, reason, version, ReleaseAction.RollBack, cancellationToken);
    }
}
