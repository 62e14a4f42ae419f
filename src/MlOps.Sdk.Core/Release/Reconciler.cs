using System.Globalization;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Plugins;
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

    /// <summary>How long a target may take to be looked at, or to be brought to a version. Then it is left to itself.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

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
            var observed = await ObserveAsync(target, cancellationToken).ConfigureAwait(false);
            state = state with { ObservedVersion = observed.Version, IsInSync = IsSame(observed, live) };
            if (state.IsInSync) return state;
            TargetLog.Differs(workspace.Logger, target.Name, Model, Text(observed.Version), live.Version);
            if (!repair) return state;
            var version = await RepairAsync(target, observed, cancellationToken).ConfigureAwait(false);
            return state with { DesiredVersion = version, IsRepaired = true };
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            var problem = e is OperationCanceledException
                ? string.Create(CultureInfo.InvariantCulture, $"It did not answer within {Limit.TotalMinutes:0} minutes.")
                : Secrets.Blank(e.Message);
            TargetLog.NotRepaired(workspace.Logger, target.Name, Model, problem, e is MlOpsException ? null : Secrets.Blank(e));
            return state with { Problem = problem };
        }
    }

    // Nobody delivers another version meanwhile, and what is live is read again: it may have changed since it was compared.
    private async Task<int> RepairAsync(IDeploymentTarget target, ObservedDeployment before, CancellationToken cancellationToken)
    {
        var delivered = _services.Process.DeliveryOf(Model);
        await delivered.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            while (true)
            {
                var desired = await workspace.Promoted.ReadPromotedAsync(Model, cancellationToken).ConfigureAwait(false);
                var version = desired.Model.Version;
                if (ReferenceEquals(target, _services.Process))
                {
                    await workspace.Promoted.ServeAsync(Model, cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    await InTimeAsync(
                        target,
                        async limited =>
                        {
                            await Delivery.BringAsync(target, desired, limited).ConfigureAwait(false);
                            return version;
                        },
                        cancellationToken).ConfigureAwait(false);
                }
                if ((await FindLiveAsync(cancellationToken).ConfigureAwait(false))?.Version != version.Version) continue;
                await EnterAsync(target, before, version, cancellationToken).ConfigureAwait(false);
                TargetLog.Repaired(workspace.Logger, target.Name, Model, version.Version);
                return version.Version;
            }
        }
        finally
        {
            delivered.Release();
        }
    }

    private Task EnterAsync(
        IDeploymentTarget target, ObservedDeployment before, ModelVersion version, CancellationToken cancellationToken) =>
        workspace.Store.WriteAsync(
            connection => AuditLog.Append(
                connection,
                workspace.Time.GetUtcNow(),
                Actor,
                "model.redelivered",
                string.Create(CultureInfo.InvariantCulture, $"model:{Model}/{version.Version}"),
                StorageJson.WriteFields(("target", target.Name), ("served", Text(before.Version)))),
            cancellationToken);

    private Task<ObservedDeployment> ObserveAsync(IDeploymentTarget target, CancellationToken cancellationToken) => InTimeAsync(
        target, async limited => await target.ObserveAsync(Model, limited).ConfigureAwait(false), cancellationToken);

    private async Task<T> InTimeAsync<T>(
        IDeploymentTarget target, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, workspace.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var token = both.Token;
        using var entered = PluginCalls.Enter("deployment target", target.Name);
        return await PluginPatience.CallAsync(
            () => call(token), () => TargetLog.LeftBehind(workspace.Logger, target.Name, Model), token).ConfigureAwait(false);
    }

    private Task<ModelVersion?> FindLiveAsync(CancellationToken cancellationToken) =>
        workspace.Models.FindByAliasAsync(Model, ModelRegistry.Champion, cancellationToken);

    private static bool IsSame(ObservedDeployment observed, ModelVersion live) =>
        observed.Version == live.Version && (observed.ContentHash is null || observed.ContentHash == live.ContentHash);

    private static string Text(int? version) =>
        version is { } known ? string.Create(CultureInfo.InvariantCulture, $"version {known}") : "no version";
}
