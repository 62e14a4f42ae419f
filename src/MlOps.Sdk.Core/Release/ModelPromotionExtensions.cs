using MlOps.Sdk.Registry;

namespace MlOps.Sdk;

/// <summary>Makes versions of models live by hand.</summary>
public static class ModelPromotionExtensions
{
    /// <summary>
    /// Makes a blessed version the live one: one that a run kept back, for example because the actor might not promote it, or any other.
    /// Before anything changes, its package is read, verified, and must answer its golden rows as it did when it was made. Then the alias
    /// <c>champion</c> moves, with its history, the desired route and the audit entry <c>model.promoted</c>, in one commit. Endpoints of
    /// this process that serve the model serve the version when the task has ended; other processes take it up with
    /// <see cref="Workspace.ServeAsync"/>. Targets elsewhere are not called: a host that has the lifecycle brings them to the version
    /// within <see cref="MlOpsOptions.ReconcileInterval"/>; without such a host, call <see cref="Lifecycle.ReconcileAsync"/>. Thread-safe.
    /// </summary>
    /// <param name="models">The registry of an open workspace.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="version">The version; it must be blessed.</param>
    /// <param name="reason">Why, for the record.</param>
    /// <param name="cancellationToken">Cancels until the alias is moved.</param>
    /// <returns>The move of the alias.</returns>
    /// <exception cref="MlOpsException">
    /// The actor may not promote; there is no such version, it is not blessed, or it is the one that is live; its package is lost, damaged
    /// or does not answer as it did; an application that serves the model cannot call it. What is live stays.
    /// </exception>
    /// <exception cref="ApprovalRequiredException">
    /// People must approve the version first. The approval was requested, and their last approval makes the version live. Or the run that
    /// made it, or its import, has requested it: then nothing is requested, and the run goes on when everybody approved.
    /// </exception>
    /// <exception cref="ConcurrencyException">Another version was promoted meanwhile; what is live stays.</exception>
    public static Task<AliasChange> PromoteAsync(
        this ModelRegistry models, string model, int version, string reason, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        return ((Workspace)models.Home!).RollbackAsync(model, reason, version, ReleaseAction.Promote, cancellationToken);
    }
}
