using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Rollout;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>
/// The rollouts of models: which candidates take the place of the live version step by step, how far they are, and how earlier ones ended.
/// A lifecycle starts them by its strategy (<see cref="RolloutExtensions"/>). <see cref="Workspace.Rollouts"/> has it. Thread-safe.
/// </summary>
public sealed class ModelRollouts : IRolloutStart
{
    /// <summary>Who decides where nobody does: no actor provider may keep a candidate from being taken off.</summary>
    internal const string Automatic = "rollout";

    private const string ArmName = "candidate";

    private readonly Workspace _workspace;
    private readonly RolloutRegistry _registry;
    private readonly EvidenceSources _sources;

    // What was read of recorded predictions for the last rollout of a model is not read again.
    private readonly ConcurrentDictionary<string, (long Rollout, RolloutEvidence Read)> _evidence = new(StringComparer.Ordinal);

    // The rollout, its share and the state that a check found last.
    private readonly ConcurrentDictionary<string, (long Rollout, double Share, string State)> _waits = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new(StringComparer.Ordinal);

    /// <summary>What a caller holds while it decides on the rollout of a model in this process.</summary>
    internal SemaphoreSlim TurnOf(string model) => _turns.GetOrAdd(model, _ => new SemaphoreSlim(1, 1));

    internal ModelRollouts(Workspace workspace, RolloutRegistry registry, EvidenceSources sources) =>
        (_workspace, _registry, _sources) = (workspace, registry, sources);

    /// <summary>The last rollout of a model, after the last decision.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The rollout; <see langword="null"/> when there never was one.</returns>
    /// <exception cref="MlOpsException">The record is damaged.</exception>
    public async Task<ModelRollout?> FindAsync(string model, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        return await _registry.FindAsync(model, cancellationToken).ConfigureAwait(false) is { } row ? ModelRollout.Of(row) : null;
    }

    /// <summary>The decisions on all rollouts of a model, the newest first.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="limit">How many at most, positive. Default: 100.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">A record is damaged.</exception>
    public async Task<IReadOnlyList<ModelRollout>> HistoryAsync(
        string model, int limit = 100, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return [.. (await _registry.HistoryAsync(model, limit, cancellationToken).ConfigureAwait(false)).Select(ModelRollout.Of)];
    }

    /// <summary>Ends the rollout that is in progress: the live version answers the calls of the candidate again.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="reason">Why, for the record.</param>
    /// <param name="cancellationToken">Cancels until it is recorded.</param>
    /// <exception cref="MlOpsException">The actor may not divide calls, or no rollout is in progress.</exception>
    /// <exception cref="ConcurrencyException">Somebody else decided on it meanwhile.</exception>
    public async Task<ModelRollout> CancelAsync(string model, string reason, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        _workspace.Acting.Require(ReleaseAction.Divide, model);
        var row = await _registry.FindAsync(model, cancellationToken).ConfigureAwait(false);
        if (row is null || ModelRollout.Of(row).State != RolloutState.Running)
        {
            throw new MlOpsException(
                $"No rollout of '{model}' is in progress.", "Workspace.Rollouts.HistoryAsync tells how earlier ones ended.");
        }
        return await EndAsync(
            row, RolloutState.Cancelled, reason, [], _workspace.Acting.Name, null, takesOff: true, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    CallsLeftBehind IRolloutStart.LeftBehind { get; } = new();

    /// <inheritdoc/>
    Task<RolloutRow?> IRolloutStart.FindOfAsync(string model, int version, CancellationToken cancellationToken) =>
        _registry.FindOfAsync(model, version, cancellationToken);

    /// <inheritdoc/>
    async Task<string?> IRolloutStart.FindMisfitAsync(
        string model, int candidate, double largest, CancellationToken cancellationToken)
    {
        var last = await _registry.FindAsync(model, cancellationToken).ConfigureAwait(false);
        var replaced = last is not null && ModelRollout.Of(last).State == RolloutState.Running ? last : null;
        var split = await _workspace.Traffic.FindAsync(model, cancellationToken).ConfigureAwait(false);
        return FindMisfit(split, candidate, largest, except: replaced?.Version);
    }

    /// <inheritdoc/>
    async Task IRolloutStart.StartAsync(
        ModelVersion live,
        ModelVersion candidate,
        string strategy,
        double share,
        double largest,
        double largestError,
        string reason,
        CancellationToken cancellationToken)
    {
        var model = candidate.Model;
        var last = await _registry.FindAsync(model, cancellationToken).ConfigureAwait(false);
        var before = last is null ? null : ModelRollout.Of(last);
        var replaced = before is { State: RolloutState.Running } ? last : null;
        var now = _registry.Clock.GetUtcNow().UtcTicks;
        var position = await NewestAsync(model, cancellationToken).ConfigureAwait(false);
        var actor = _workspace.Acting.Name;
        RolloutRow first(long generation) => new()
        {
            Model = model,
            Version = candidate.Version,
            Live = live.Version,
            Strategy = strategy,
            State = nameof(RolloutState.Running),
            Share = share,
            StartedAt = now,
            At = now,
            Position = position,
            Generation = generation,
            LargestError = largestError,
            Actor = actor,
            Reason = reason,
            Findings = RolloutJson.WriteFindings([]),
        };
        var split = await _workspace.Traffic.FindAsync(model, cancellationToken).ConfigureAwait(false);
        if (FindMisfit(split, candidate.Version, largest, except: replaced?.Version) is { } misfit)
        {
            throw new MlOpsException(
                $"The rollout '{strategy}' of version {candidate.Version} of '{model}' cannot begin: {misfit}.",
                "Make room with Workspace.Traffic.DivideAsync or EndAsync, or let the rollout end with a smaller share.");
        }
        await _workspace.Traffic.DivideAsync(
            model,
            ArmsOf(split, candidate.Version, share, except: replaced?.Version),
            $"The rollout of version {candidate.Version} begins: {reason}.",
            split?.Generation,
            (connection, generation) =>
            {
                var known = last?.No ?? 0;
                if (replaced is not null)
                {
                    var why = replaced.Version == candidate.Version
                        ? $"it was begun again by {actor}"
                        : $"version {candidate.Version} took its place";
                    known = RolloutRegistry.Append(
                        connection, Next(replaced, RolloutState.Cancelled, replaced.Share, why, [], actor), known);
                }
                RolloutRegistry.Append(connection, first(generation), known);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives the candidate another share.</summary>
    /// <exception cref="ConcurrencyException">Somebody else decided meanwhile.</exception>
    internal async Task<ModelRollout> AdvanceAsync(
        RolloutRow last, RolloutDecision decision, TrafficSplit split, CancellationToken cancellationToken)
    {
        ModelRollout? advanced = null;
        var actor = _workspace.Acting.Name;
        var position = await NewestAsync(last.Model, cancellationToken).ConfigureAwait(false);
        await _workspace.Traffic.DivideAsync(
            last.Model,
            ArmsOf(split, last.Version, decision.Share, except: null),
            $"The rollout of version {last.Version} goes on: {decision.Reason}.",
            split.Generation,
            (connection, generation) =>
            {
                var next = Next(
                    last, RolloutState.Running, decision.Share, decision.Reason, decision.Findings, actor, position, generation);
                RolloutRegistry.Append(connection, next, last.No);
                advanced = ModelRollout.Of(next);
            },
            cancellationToken,
            proves: last.Version).ConfigureAwait(false);
        return advanced!;
    }

    /// <summary>Ends a rollout, and takes the candidate off where it answers calls.</summary>
    /// <param name="last">The last decision on it.</param>
    /// <param name="state">How it ends.</param>
    /// <param name="reason">Why.</param>
    /// <param name="findings">What the guards found.</param>
    /// <param name="actor">Who ends it.</param>
    /// <param name="also">What else belongs to the commit.</param>
    /// <param name="takesOff">Whether the candidate answers no calls any more.</param>
    /// <param name="cancellationToken">Cancels until it is recorded.</param>
    /// <exception cref="ConcurrencyException">Somebody else decided meanwhile.</exception>
    internal async Task<ModelRollout> EndAsync(
        RolloutRow last,
        RolloutState state,
        string reason,
        IReadOnlyList<GuardFinding> findings,
        string actor,
        Action<DbConnection>? also,
        bool takesOff,
        CancellationToken cancellationToken)
    {
        var next = Next(last, state, last.Share, reason, findings, actor);
        if (!takesOff)
        {
            await _registry.AppendAsync(next, last.No, also, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await _workspace.Traffic.TakeOffAsync(
                last.Model,
                last.Version,
                actor,
                $"The rollout of version {last.Version} ended: {reason}.",
                connection =>
                {
                    RolloutRegistry.Append(connection, next, last.No);
                    also?.Invoke(connection);
                },
                cancellationToken).ConfigureAwait(false);
        }

        Forget(last.Model);
        return ModelRollout.Of(next);
    }

    /// <summary>The end of a rollout, and what writes it into the commit of another change, by who makes that one.</summary>
    internal (ModelRollout Ended, Action<DbConnection> Write) PrepareEnd(
        RolloutRow last, RolloutState state, string reason, IReadOnlyList<GuardFinding> findings)
    {
        var next = Next(last, state, last.Share, reason, findings, _workspace.Acting.Name);
        return (ModelRollout.Of(next), connection => RolloutRegistry.Append(connection, next, last.No));
    }

    /// <summary>Forgets what was read for the rollout of a model, which has ended here or elsewhere.</summary>
    internal void Forget(string model) => _evidence.TryRemove(model, out _);

    /// <summary>Whether a rollout waits in another state than at the last check in this process. For one caller at a time.</summary>
    internal bool IsNews(ModelRollout rollout, string state)
    {
        var now = (rollout.Id, rollout.Share, state);
        var isNews = !_waits.TryGetValue(rollout.Model, out var before) || before != now;
        _waits[rollout.Model] = now;
        return isNews;
    }

    /// <summary>
    /// The steps of a rollout until now, the labels of its candidate, and the edges of the bins of scores. For one caller at a time.
    /// </summary>
    /// <exception cref="MlOpsException">A package cannot be read, or the strategy looks at what is not recorded.</exception>
    internal async Task<(IReadOnlyList<RolloutStep> Steps, LabelEncoding Labels, IReadOnlyList<double> Edges)> StepsAsync(
        RolloutRow last, RolloutNeeds needs, CancellationToken cancellationToken)
    {
        await _workspace.Monitor(last.Model).FlushAsync(cancellationToken).ConfigureAwait(false);
        var decisions = await _registry.StepsAsync(last.Rollout, cancellationToken).ConfigureAwait(false);
        RolloutEvidence evidence;
        if (_evidence.TryGetValue(last.Model, out var known) && known.Rollout == last.Rollout)
        {
            evidence = known.Read;
        }
        else
        {
            var versions = await Task.WhenAll(
                _workspace.Models.GetAsync(last.Model, last.Live, cancellationToken),
                _workspace.Models.GetAsync(last.Model, last.Version, cancellationToken)).ConfigureAwait(false);
            using var live = await _workspace.ReadPackageAsync(versions[0], cancellationToken).ConfigureAwait(false);
            using var candidate = await _workspace.ReadPackageAsync(versions[1], cancellationToken).ConfigureAwait(false);
            evidence = new RolloutEvidence(_sources, needs, decisions[0], live, candidate);
            _evidence[last.Model] = (last.Rollout, evidence);
        }
        try
        {
            return (await evidence.ReadAsync(decisions, cancellationToken).ConfigureAwait(false), evidence.Labels, evidence.Edges);
        }
        catch
        {
            // What was read in part is read again from the beginning.
            Forget(last.Model);
            throw;
        }
    }

    private async Task<long> NewestAsync(string model, CancellationToken cancellationToken)
    {
        await _workspace.Monitor(model).FlushAsync(cancellationToken).ConfigureAwait(false);
        return await _sources.Outcomes.NewestAsync(model, cancellationToken).ConfigureAwait(false);
    }

    /// <returns>Why a candidate finds no room beside the arms of an application, in a clause; else <see langword="null"/>.</returns>
    internal static string? FindMisfit(TrafficSplit? split, int candidate, double share, int? except = null)
    {
        var arms = ArmsOf(split, candidate, share, except);
        if (ModelTraffic.Fits(arms)) return null;
        var others = string.Join(", ", arms.Skip(1).Where(arm => !arm.IsShadow).Select(
            arm => string.Create(CultureInfo.InvariantCulture, $"'{arm.Name}' has {arm.Share:P0}")));
        return arms.Length > ModelTraffic.MostArms
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"the calls are divided over {arms.Length - 1} arms already, and {ModelTraffic.MostArms} are the most")
            : string.Create(
                CultureInfo.InvariantCulture, $"a share of {share:P0} finds no room beside the other arms, of which {others}");
    }

    // What an application divided itself stays as it is; the candidate comes first, so that its calls stay its own as it grows.
    private static TrafficArm[] ArmsOf(TrafficSplit? split, int candidate, double share, int? except)
    {
        TrafficArm[] others = [.. (split?.Arms ?? []).Where(arm => arm.Version != candidate && arm.Version != except)];
        var name = ArmName;
        for (var i = 2; others.Any(arm => arm.Name == name); i++) name = FormattableString.Invariant($"{ArmName}-{i}");
        return [new TrafficArm(name, candidate, share), .. others];
    }

    private RolloutRow Next(
        RolloutRow last,
        RolloutState state,
        double share,
        string reason,
        IReadOnlyList<GuardFinding> findings,
        string actor,
        long? position = null,
        long? generation = null) => new()
    {
        Rollout = last.Rollout,
        Model = last.Model,
        Version = last.Version,
        Live = last.Live,
        Strategy = last.Strategy,
        State = state.ToString(),
        Share = share,
        StartedAt = last.StartedAt,
        At = _registry.Clock.GetUtcNow().UtcTicks,
        Position = position ?? last.Position,
        Generation = generation ?? last.Generation,
        LargestError = last.LargestError,
        Actor = actor,
        Reason = reason,
        Findings = RolloutJson.WriteFindings(findings),
    };
}
