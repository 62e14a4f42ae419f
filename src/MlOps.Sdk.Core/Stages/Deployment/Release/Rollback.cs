using MlOps.Sdk.Packaging;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Deployment;

/// <summary>Rolls back to a version that was blessed before, if it can be served.</summary>
internal sealed class Rollback(DeploymentServices services, IArtifactStore artifacts, FormatReaders readers)
{
    /// <summary>Makes an earlier version the live one, here and for all that follow the alias.</summary>
    /// <param name="model">The model.</param>
    /// <param name="reason">Why.</param>
    /// <param name="version">The version; <see langword="null"/> for the one that was live before.</param>
    /// <param name="action">What the actor must be allowed to do.</param>
    /// <param name="approved">What people approved, in whose name it is done; <see langword="null"/> for what somebody asks now.</param>
    /// <param name="cancellationToken">Cancels until the alias is moved: then the endpoints follow, too.</param>
    public async Task<AliasChange> RunAsync(
        string model, string reason, int? version, ReleaseAction action, Approval? approved, CancellationToken cancellationToken)
    {
        // Whoever requested the approval was allowed to do it.
        if (approved is null) services.Acting.Require(action, model);

        // Like a delivery: nothing else goes live meanwhile, and the alias and what this process serves change together.
        var turn = services.Process.TurnOf(model);
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await MoveAsync(model, reason, version, action, approved, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <exception cref="MlOpsException">It cannot be served here, or an application that serves the model cannot call it.</exception>
    public async Task RequireServableAsync(DesiredDeployment desired, CancellationToken cancellationToken)
    {
        services.Process.RequireServable(desired);
        var mismatches = await new CallableGate(services.Hosts).FindMismatchesAsync(
            desired.Endpoint,
            () =>
            {
                using var package = PackageFile.Read(desired.Package, readers);
                return Task.FromResult((package.Graph.Input, package.Decision.Labels.Task));
            },
            cancellationToken).ConfigureAwait(false);
        if (mismatches.Count > 0)
        {
            throw new MlOpsException(
                $"Version {desired.Model.Version.Version} of '{desired.Endpoint}' cannot be restored, because applications that " +
                    $"serve the model cannot call it. {string.Join(" ", mismatches)}",
                "Name another version, or first release the applications with matching classes.") { IsOfCaller = true };
        }
    }

    private async Task<AliasChange> MoveAsync(
        string model, string reason, int? version, ReleaseAction action, Approval? approved, CancellationToken cancellationToken)
    {
        var live = await services.Models.FindByAliasAsync(model, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false);
        if (live is null && approved is null && (version is null || action != ReleaseAction.Promote))
        {
            if ((await services.Models.ListAsync(model, cancellationToken: cancellationToken).ConfigureAwait(false)).Count == 0)
            {
                // Says that there is no such model, and which one may be meant.
                _ = await services.Models.GetAsync(model, 1, cancellationToken).ConfigureAwait(false);
            }
            throw new MlOpsException(
                $"No version of '{model}' is live, so there is nothing to roll back.",
                $"{await services.Models.NearestAsync(model, cancellationToken).ConfigureAwait(false)}" +
                    "Run its lifecycle until a version is deployed.")
            {
                IsOfCaller = true
            };
        }
        var earlier = version is { } named
            ? await services.Models.GetBlessedAsync(model, named, cancellationToken).ConfigureAwait(false)
            : await services.Models.FindEarlierAsync(model, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false);
        if (earlier.Version.Version == live?.Version)
        {
            throw new MlOpsException(
                $"Version {live.Version} of '{model}' is already live.",
                action == ReleaseAction.Promote
                    ? "There is nothing to do; to change what is live, name another blessed version."
                    : "Name another blessed version, or none for the one that was live before.")
            {
                IsOfCaller = true
            };
        }
        var (package, loss) = await artifacts.TryReadAllAsync(earlier.Version.PackageId, cancellationToken).ConfigureAwait(false);
        if (loss is not null)
        {
            throw new MlOpsException(
                $"Version {earlier.Version.Version} of '{model}' cannot be restored, because its package is lost. {loss}",
                "Restore the artifacts folder from a backup, or name another version.");
        }
        var desired = new DesiredDeployment(model, earlier, package);
        await RequireServableAsync(desired, cancellationToken).ConfigureAwait(false);
        if (approved is null)
        {
            await services.Approvals.RequireAsync(
                earlier.Version,
                action == ReleaseAction.Promote ? ApprovalKind.Promotion : ApprovalKind.Rollback,
                live?.Version,
                reason,
                release: null,
                cancellationToken).ConfigureAwait(false);
        }

        // What was approved took the place of the version that was live then, and of no other.
        var (expected, actor) = approved is null ? (live?.Version, services.Actor) : (approved.LiveVersion, approved.Requester);
        var change = await (action == ReleaseAction.Promote || expected is null
            ? services.Models.PromoteAsync(
                earlier,
                ModelRegistry.Champion,
                expected,
                actor,
                reason,
                also: approved?.Release is { } release
                    ? (connection, audited) => ReceivedReleases.Append(
                        connection, audited, earlier.Version, release, services.Time.GetUtcNow(), actor)
                    : null,
                cancellationToken: cancellationToken)
            : services.Models.RollBackAsync(
                earlier, ModelRegistry.Champion, expected.Value, actor, reason, cancellationToken)).ConfigureAwait(false);
        if ((await services.Process.ObserveAsync(model, CancellationToken.None).ConfigureAwait(false)).Version is not null)
        {
            await services.Process.ApplyAsync(desired with { PromotedAt = change.At }, CancellationToken.None).ConfigureAwait(false);
        }
        DeploymentLog.Decided(services.Logger, model, change.Version, "live again", reason);
        return change;
    }
}
