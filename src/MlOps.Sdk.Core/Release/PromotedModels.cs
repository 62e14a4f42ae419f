using System.Collections.Concurrent;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>Reads what was promoted, and serves it in this process: the live version, and the arms beside it. Thread-safe.</summary>
internal sealed class PromotedModels(Workspace workspace, TrafficRegistry traffic, SwitchRegistry switches, FallbackRegistry fallbacks)
{
    private readonly ConcurrentDictionary<string, PromotedLabels> _labels = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _fallbackProblems = new(StringComparer.Ordinal);

    /// <inheritdoc cref="Workspace.ServeAsync"/>
    public async Task<int> ServeAsync(string model, CancellationToken cancellationToken)
    {
        var turn = workspace.Process.TurnOf(model);
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var promoted = await ReadPromotedAsync(model, cancellationToken).ConfigureAwait(false);
            await workspace.Process.ApplyAsync(promoted, cancellationToken).ConfigureAwait(false);
            await DivideAsync(model, cancellationToken).ConfigureAwait(false);
            return promoted.Model.Version.Version;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Follows whether a model is stopped.</summary>
    /// <exception cref="MlOpsException">The record is not the one of the audit log; what was followed before stays.</exception>
    public async Task FollowSwitchAsync(string model, CancellationToken cancellationToken)
    {
        var slot = workspace.SlotOf(model);
        if (await switches.GenerationAsync(model, cancellationToken).ConfigureAwait(false) == slot.SwitchGeneration) return;
        if (await switches.FindAsync(model, cancellationToken).ConfigureAwait(false) is { } found) Follow(found);
        else slot.Follow(null);
    }

    /// <summary>Stops a model in this process, or lets it answer again, as the registry says.</summary>
    public void Follow(ModelSwitch next)
    {
        if (!workspace.SlotOf(next.Model).Follow(next)) return;
        var (actor, reason) = (PrintableText.Line(next.Actor), PrintableText.Line(next.Reason));
        if (next.IsStopped) DeploymentLog.Stopped(workspace.Logger, next.Model, actor, reason);
        else DeploymentLog.Resumed(workspace.Logger, next.Model, actor, reason);
    }

    /// <summary>Follows what decides over calls beside the versions: whether the model is stopped, and what answers then.</summary>
    /// <exception cref="MlOpsException">The switch is not the one of the audit log; what was followed before stays.</exception>
    public async Task FollowAsync(string model, CancellationToken cancellationToken)
    {
        await FollowSwitchAsync(model, cancellationToken).ConfigureAwait(false);
        await FollowFallbackAsync(model, cancellationToken).ConfigureAwait(false);
    }

    // A fallback that cannot be taken up must not keep a version from going live; it is tried again at the next look.
    private async Task FollowFallbackAsync(string model, CancellationToken cancellationToken)
    {
        var slot = workspace.SlotOf(model);
        try
        {
            if (await fallbacks.GenerationAsync(model, cancellationToken).ConfigureAwait(false) == slot.FallbackGeneration) return;
            var change = await fallbacks.FindAsync(model, cancellationToken).ConfigureAwait(false);
            slot.Follow(
                change?.Generation ?? 0,
                change?.Fallback is { } fallback ? await LoadAsync(slot, fallback, cancellationToken).ConfigureAwait(false) : null);
            _fallbackProblems.TryRemove(model, out _);
        }
        catch (MlOpsException e)
        {
            if (_fallbackProblems.TryGetValue(model, out var told) && told == e.Message) return;
            _fallbackProblems[model] = e.Message;
            DeploymentLog.FallbackNotTakenUp(workspace.Logger, model, e.Message);
        }
    }

    private async Task<StandIn> LoadAsync(ModelSlot slot, ModelFallback fallback, CancellationToken cancellationToken)
    {
        var standIn = NewStandIn(slot.Name, fallback.Circuit, live: null, fallback.Answer, rule: null);
        if (fallback.Version is not { } version) return standIn;
        var desired = await ReadBlessedAsync(slot.Name, version, cancellationToken).ConfigureAwait(false);
        var package = InProcessTarget.Prove(desired, workspace.Readers);
        var live = slot.Load(version, package, () => workspace.Monitor(slot.Name).NewRecorder(version, package), RouteGeneration.None);
        return NewStandIn(slot.Name, fallback.Circuit, live, answer: null, rule: null);
    }

    /// <summary>Makes what answers in the place of a model.</summary>
    public StandIn NewStandIn(string model, CircuitOptions options, LiveModel? live, FallbackAnswer? answer, FallbackRule? rule) =>
        new((version, circuit) => new Circuit(model, version, circuit, workspace.Time, workspace.Logger))
        {
            Live = live,
            Answer = answer,
            Rule = rule,
            Options = options,
        };

    /// <summary>The promoted version of a model, with the bytes of its package.</summary>
    public async Task<DesiredDeployment> ReadPromotedAsync(string model, CancellationToken cancellationToken)
    {
        var promoted = await workspace.Models.FindBlessedByAliasAsync(
            model, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false);
        if (promoted is not var (blessed, at))
        {
            var near = await workspace.Models.NearestAsync(model, cancellationToken).ConfigureAwait(false);
            throw new MlOpsException(
                $"No version of '{model}' was promoted.", $"{near}Run its lifecycle until a version passes the gates.");
        }

        var champion = blessed.Version;
        var (package, loss) = await workspace.Artifacts.TryReadAllAsync(champion.PackageId, cancellationToken).ConfigureAwait(false);
        return loss is null
            ? new DesiredDeployment(model, blessed, package) { PromotedAt = at }
            : throw new MlOpsException(
                $"Version {champion.Version} of '{model}' is live but cannot be served, because its package is lost. {loss}",
                "Restore the artifacts folder from a backup, roll back to an earlier version with Models.RollbackAsync, or run the " +
                    "lifecycle again with deployment.ReplaceIncomparable().");
    }

    /// <summary>Whether this process serves the division of the registry.</summary>
    public async Task<bool> IsDividedAsync(string model, CancellationToken cancellationToken) =>
        workspace.SlotOf(model).Route is { } route
        && route.Generation == await traffic.GenerationAsync(model, cancellationToken).ConfigureAwait(false);

    /// <summary>Makes sure that a version is blessed and can be served, here and by the hosts that told what they can call.</summary>
    /// <exception cref="MlOpsException">It is not, or cannot.</exception>
    public async Task RequireServableAsync(string model, int version, CancellationToken cancellationToken)
    {
        var services = workspace.CreateDeploymentServices(PluginServices.None);
        var desired = await ReadBlessedAsync(model, version, cancellationToken).ConfigureAwait(false);
        await new Rollback(services, workspace.Artifacts, workspace.Readers).RequireServableAsync(
            desired, cancellationToken).ConfigureAwait(false);
    }

    // Whoever calls holds the turn of the model.
    private async Task DivideAsync(string model, CancellationToken cancellationToken)
    {
        var split = await traffic.FindAsync(model, cancellationToken).ConfigureAwait(false);
        var slot = workspace.SlotOf(model);
        if (slot.Route?.Generation == (split?.Generation ?? 0)) return;
        var arms = new List<(TrafficArm Arm, Func<ModelPackage> Read)>();
        foreach (var arm in split?.Arms ?? [])
        {
            // What is served already needs no package, which may be lost by now.
            if (slot.Serves(arm))
            {
                await workspace.Models.GetBlessedAsync(model, arm.Version, cancellationToken).ConfigureAwait(false);
                arms.Add((arm, () => throw new InvalidOperationException("A version that is served is not read.")));
                continue;
            }
            var desired = await ReadBlessedAsync(model, arm.Version, cancellationToken).ConfigureAwait(false);
            arms.Add((arm, () => InProcessTarget.Prove(desired, workspace.Readers)));
        }

        slot.Divide(
            split?.Generation ?? 0,
            arms,
            (version, package) => workspace.Monitor(model).NewRecorder(version, package),
            (arm, live) => workspace.Shadows.New(model, arm.Name, live));
        await workspace.Calls.BeginAsync(model, split?.Generation ?? 0).ConfigureAwait(false);
    }

    private async Task<DesiredDeployment> ReadBlessedAsync(string model, int version, CancellationToken cancellationToken)
    {
        var blessed = await workspace.Models.GetBlessedAsync(model, version, cancellationToken).ConfigureAwait(false);
        var (package, loss) = await workspace.Artifacts.TryReadAllAsync(blessed.Version.PackageId, cancellationToken).ConfigureAwait(false);
        return loss is null
            ? new DesiredDeployment(model, blessed, package)
            : throw new MlOpsException(
                $"Version {version} of '{model}' cannot be served, because its package is lost. {loss}",
                "Restore the artifacts folder from a backup, or name another version.");
    }

    // Labels can be reported in a process that serves nothing.
    public async Task<PromotedLabels?> FindLabelsAsync(string model, CancellationToken cancellationToken)
    {
        if (await workspace.Models.FindByAliasAsync(
            model, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false) is not { } live)
        {
            return null;
        }

        if (_labels.TryGetValue(model, out var known) && known.Version == live.Version) return known;
        try
        {
            using var package = await workspace.ReadPackageAsync(live, cancellationToken).ConfigureAwait(false);
            return _labels[model] = new PromotedLabels(
                live.Version, package.Graph.ChangesLabel ? null : package.Decision.Labels);
        }
        catch (MlOpsException)
        {
            // Whoever serves or retrains the model says that it is lost, or which reader it needs; a label is no worse for that.
            return null;
        }
    }
}
