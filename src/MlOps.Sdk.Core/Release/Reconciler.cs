using System.Globalization;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>
/// Compares what the targets of one lifecycle serve with the version that is live, and brings those that differ to it: the registry
/// decides, and a process may have been killed between its commit and a target.
/// </summary>
internal sealed class Reconciler(Workspace workspace, LifecyclePlan plan, IServiceProvider scoped)
{
    /// <summary>Who acts where nobody does.</summary>
    public const string Actor = "reconciler";

    private readonly DeploymentServices _services = workspace.CreateDeploymentServices(scoped);

    private string Model => plan.Name;

    /// <returns>The targets in the order in which they were added; none when no version is live.</returns>
    public async Task<IReadOnlyList<TargetState>> RunAsync(bool repair, CancellationToken cancellationToken)
    {
        if (plan.Deployment is not { } deployment || await FindLiveAsync(cancellationToken).ConfigureAwait(false) is null) return [];
        var states = new List<TargetState>();
        foreach (var create in deployment.Targets)
        {
            states.Add(await LookAsync(create(_services), repair, cancellationToken).ConfigureAwait(false));
        }

        return states;
    }

    private async Task<TargetState> LookAsync(IDeploymentTarget target, bool repair, CancellationToken cancellationToken)
    {
        var live = (await FindLiveAsync(cancellationToken).ConfigureAwait(false))!;
        var state = new TargetState { Target = target.Name, DesiredVersion = live.Version };
        try
        {
            var observed = await Elsewhere(target).ObserveAsync(cancellationToken).ConfigureAwait(false);
            state = state with { ObservedVersion = observed.Version, IsInSync = IsSame(observed, live) };
            if (state.IsInSync) return state;
            TargetLog.Differs(workspace.Logger, target.Name, Model, Text(observed), live.Version);
            if (!repair) return state;
            var version = await RepairAsync(target, observed, cancellationToken).ConfigureAwait(false);
            return state with { DesiredVersion = version, IsRepaired = true };
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            var problem = Secrets.Blank(e.Message);
            TargetLog.NotRepaired(workspace.Logger, target.Name, Model, problem, e is MlOpsException ? null : Secrets.Blank(e));
            return state with { Problem = problem };
        }
    }

    // What is live is read again: it may have changed since it was compared.
    private async Task<int> RepairAsync(IDeploymentTarget target, ObservedDeployment before, CancellationToken cancellationToken)
    {
        var version = ReferenceEquals(target, _services.Process)
            ? await workspace.Promoted.ServeAsync(Model, cancellationToken).ConfigureAwait(false)
            : (await Elsewhere(target).BringAsync(known: null, follows: true, cancellationToken).ConfigureAwait(false)).Version;
        await EnterAsync(target, before, version, cancellationToken).ConfigureAwait(false);
        TargetLog.Repaired(workspace.Logger, target.Name, Model, version);
        return version;
    }

    private Task EnterAsync(
        IDeploymentTarget target, ObservedDeployment before, int version, CancellationToken cancellationToken) =>
        workspace.Store.WriteAsync(
            connection => AuditLog.Append(
                connection,
                workspace.Time.GetUtcNow(),
                Actor,
                "model.redelivered",
                string.Create(CultureInfo.InvariantCulture, $"model:{Model}/{version}"),
                StorageJson.WriteFields(("target", target.Name), ("served", Text(before)))),
            cancellationToken);

    private TargetElsewhere Elsewhere(IDeploymentTarget target) => new(_services, target, Model);

    private Task<ModelVersion?> FindLiveAsync(CancellationToken cancellationToken) =>
        workspace.Models.FindByAliasAsync(Model, ModelRegistry.Champion, cancellationToken);

    private bool IsSame(ObservedDeployment observed, ModelVersion live) =>
        observed.Version == live.Version
        && (observed.ContentHash is null || observed.ContentHash == live.ContentHash)
        && !IsOfAnotherKey(observed);

    // What is delivered is signed by the key in use, whoever had signed it before.
    private bool IsOfAnotherKey(ObservedDeployment observed) =>
        observed.KeyId is { } key && workspace.Options.Signer is { } signer && key != signer.KeyId;

    private string Text(ObservedDeployment observed)
    {
        if (observed.Version is not { } version) return "no version";
        var key = IsOfAnotherKey(observed) ? $", signed by the key {PrintableText.Line(observed.KeyId!)}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"version {version}{key}");
    }
}
