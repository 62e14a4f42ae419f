using System.Data.Common;
using System.Globalization;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk;

/// <summary>
/// Divides the calls of models over their versions: a canary that answers a small share, an A/B comparison, or a version that is loaded and
/// answers nothing until it goes live at once. Part of the registry: every process that serves the model follows within its promotion
/// interval, and keeps what it has while the workspace cannot be reached. <see cref="Workspace.Traffic"/> has it. Thread-safe.
/// </summary>
public sealed class ModelTraffic
{
    internal const int MostArms = 8;
    private const double Rounding = 1e-9;

    private readonly Workspace _workspace;
    private readonly TrafficRegistry _registry;
    private readonly SwitchRegistry _switches;
    private readonly FallbackRegistry _fallbacks;

    internal ModelTraffic(Workspace workspace, TrafficRegistry registry, SwitchRegistry switches, FallbackRegistry fallbacks) =>
        (_workspace, _registry, _switches, _fallbacks) = (workspace, registry, switches, fallbacks);

    /// <summary>How the calls of a model are divided.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The division; <see langword="null"/> when there never was one, so that the live version answers all calls.</returns>
    /// <exception cref="MlOpsException">The record does not agree with the audit log.</exception>
    public Task<TrafficSplit?> FindAsync(string model, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        return _registry.FindAsync(model, cancellationToken);
    }

    /// <summary>How the calls of a model were divided, the newest first.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<IReadOnlyList<TrafficSplit>> HistoryAsync(string model, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        return _registry.HistoryAsync(model, cancellationToken);
    }

    /// <summary>
    /// Divides the calls of a model over its live version and others. Each must be blessed. Before anything changes, its package is read
    /// and verified, and must answer its golden rows as it did when it was made. No application that serves the model may be unable to call
    /// it. The division is one commit with its history and audit entry <c>model.routed</c>. It ends when another version goes live.
    /// </summary>
    /// <param name="model">The model's name.</param>
    /// <param name="arms">
    /// The versions beside the live one, at most 8, with shares that sum to at most 1, those of shadows not counted. Growing the share of
    /// the first arm moves no call from it to another one; growing a later arm moves calls of those after it.
    /// </param>
    /// <param name="reason">Why, for the record.</param>
    /// <param name="generation">
    /// The generation that the decision is based on, so that two who change it do not undo each other; <see langword="null"/> for any.
    /// </param>
    /// <param name="cancellationToken">Cancels until the division is recorded.</param>
    /// <exception cref="ArgumentException">An arm is not valid; nothing changes.</exception>
    /// <exception cref="MlOpsException">
    /// The actor may not divide calls, no version is live, or one of the arms is not blessed, damaged, or cannot be called: then nothing
    /// changes. Or this process failed to follow once the division was recorded: <see cref="FindAsync"/> tells which it is.
    /// </exception>
    /// <exception cref="ApprovalRequiredException">
    /// People must approve a version that is to answer calls first; nothing changes, and nothing is requested.
    /// </exception>
    /// <exception cref="ConcurrencyException">
    /// Another version went live, or the division was changed meanwhile; nothing changes.
    /// </exception>
    public Task<TrafficSplit> DivideAsync(
        string model,
        IReadOnlyList<TrafficArm> arms,
        string reason,
        long? generation = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        ArgumentNullException.ThrowIfNull(arms);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        _workspace.Acting.Require(ReleaseAction.Divide, model);
        return DivideAsync(model, arms, reason, generation, null, cancellationToken);
    }

    /// <summary>Divides the calls, whoever acts.</summary>
    /// <inheritdoc cref="DivideAsync(string, IReadOnlyList{TrafficArm}, string, long?, CancellationToken)"/>
    /// <param name="model">The model's name.</param>
    /// <param name="arms">The arms.</param>
    /// <param name="reason">Why.</param>
    /// <param name="generation">The generation that the decision is based on.</param>
    /// <param name="also">What else belongs to the commit, which is told the generation.</param>
    /// <param name="cancellationToken">Cancels until the division is recorded.</param>
    /// <param name="proves">The only version that is proved, where the others are served already; <see langword="null"/> for all.</param>
    internal async Task<TrafficSplit> DivideAsync(
        string model,
        IReadOnlyList<TrafficArm> arms,
        string reason,
        long? generation,
        Action<DbConnection, long>? also,
        CancellationToken cancellationToken,
        int? proves = null)
    {
        var live = await _workspace.Models.FindByAliasAsync(model, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false)
            ?? throw new MlOpsException(
                $"No version of '{model}' is live, so there are no calls to divide.",
                $"{await _workspace.Models.NearestAsync(model, cancellationToken).ConfigureAwait(false)}" +
                    "Run its lifecycle until a version is deployed.");
        Check(arms, live.Version);
        foreach (var arm in arms.Where(arm => proves is null || arm.Version == proves))
        {
            await _workspace.Promoted.RequireServableAsync(model, arm.Version, cancellationToken).ConfigureAwait(false);
        }
        var split = await _registry.SetAsync(
            model, arms, live.Version, generation, _workspace.Acting.Name, reason, also, cancellationToken).ConfigureAwait(false);
        await FollowAsync(model).ConfigureAwait(false);
        return split;
    }

    /// <summary>
    /// Lets a version answer no calls any more. Nothing can keep it from being taken off but a store that cannot be written.
    /// </summary>
    internal async Task TakeOffAsync(
        string model, int version, string actor, string reason, Action<DbConnection> also, CancellationToken cancellationToken)
    {
        await _registry.RemoveAsync(model, version, actor, reason, also, cancellationToken).ConfigureAwait(false);
        await FollowAsync(model).ConfigureAwait(false);
    }

    /// <summary>Lets this process divide the calls of a model as it was decided, if it serves the model.</summary>
    internal async Task FollowAsync(string model)
    {
        if (_workspace.SlotOf(model).Route is not null) await _workspace.ServeAsync(model, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Lets the live version answer all calls again.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="reason">Why, for the record.</param>
    /// <param name="cancellationToken">Cancels until it is recorded.</param>
    /// <exception cref="MlOpsException">No version is live.</exception>
    public Task<TrafficSplit> EndAsync(string model, string reason, CancellationToken cancellationToken = default) =>
        DivideAsync(model, [], reason, null, cancellationToken);

    /// <summary>
    /// Stops a model at once: no version answers calls, in this process when the task has ended, and in others when they follow. Calls that
    /// are in progress end as they began. Neither a promotion nor a rollback nor a restart resumes it. A model that is stopped can be
    /// stopped again, for another reason.
    /// </summary>
    /// <param name="model">The model's name.</param>
    /// <param name="reason">Why, for the record and for whoever calls the model.</param>
    /// <param name="cancellationToken">Cancels until it is recorded.</param>
    /// <returns>The switch.</returns>
    /// <exception cref="MlOpsException">The actor may not stop the model, or no version of it is live.</exception>
    public Task<ModelSwitch> StopAsync(string model, string reason, CancellationToken cancellationToken = default) =>
        SwitchAsync(model, isStopped: true, reason, cancellationToken);

    /// <summary>Lets a model answer again that was stopped.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="reason">Why, for the record.</param>
    /// <param name="cancellationToken">Cancels until it is recorded.</param>
    /// <returns>The switch.</returns>
    /// <exception cref="MlOpsException">The actor may not resume the model, or it is not stopped.</exception>
    public Task<ModelSwitch> ResumeAsync(string model, string reason, CancellationToken cancellationToken = default) =>
        SwitchAsync(model, isStopped: false, reason, cancellationToken);

    /// <summary>Whether a model is stopped.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The switch; <see langword="null"/> when the model never was stopped.</returns>
    /// <exception cref="MlOpsException">The record does not agree with the audit log.</exception>
    public Task<ModelSwitch?> FindSwitchAsync(string model, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        return _switches.FindAsync(model, cancellationToken);
    }

    /// <summary>When a model was stopped and resumed, the newest first.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<IReadOnlyList<ModelSwitch>> SwitchHistoryAsync(string model, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        return _switches.HistoryAsync(model, cancellationToken);
    }

    /// <summary>
    /// Says what answers where the model is stopped, fails or gives no number, and where its circuit is open: an earlier version, or a
    /// constant answer. It is one commit with its history and audit entry <c>model.fallback</c>, and every process follows. Promotions and
    /// rollbacks leave it as it is; a version does not stand in for itself.
    /// </summary>
    /// <param name="model">The model's name.</param>
    /// <param name="fallback">
    /// The fallback. A version must be blessed, be another one than the live one, load, and answer its golden rows as it did; no
    /// application that serves the model may be unable to call it. A constant must be an answer of the live version.
    /// </param>
    /// <param name="reason">Why, for the record.</param>
    /// <param name="cancellationToken">Cancels until it is recorded.</param>
    /// <returns>The change.</returns>
    /// <exception cref="ArgumentException">
    /// The fallback has no version and no answer, or both, or an option is out of its range.
    /// </exception>
    /// <exception cref="MlOpsException">
    /// The actor may not set it, no version is live, the version cannot be served, or the constant is no answer of the model. Nothing
    /// changes.
    /// </exception>
    /// <exception cref="ApprovalRequiredException">
    /// The version was neither live nor approved before; nothing changes, and nothing is requested.
    /// </exception>
    /// <exception cref="ConcurrencyException">Another version went live meanwhile; nothing changes.</exception>
    public async Task<FallbackChange> SetFallbackAsync(
        string model, ModelFallback fallback, string reason, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(fallback);
        if (fallback.Version is null == fallback.Answer is null)
        {
            throw new ArgumentException("A fallback is either a version or a constant answer.", nameof(fallback));
        }
        ArgumentNullException.ThrowIfNull(fallback.Circuit, nameof(fallback));
        fallback.Circuit.Validate(nameof(fallback));
        var live = await RequireLiveAsync(model, ReleaseAction.SetFallback, reason, cancellationToken).ConfigureAwait(false);
        if (fallback.Version == live.Version)
        {
            throw new MlOpsException(
                string.Create(
                    CultureInfo.InvariantCulture, $"Version {live.Version} of '{model}' is live, and cannot stand in for itself."),
                "Name an earlier version.");
        }
        if (fallback.Version is { } version)
        {
            await _workspace.Promoted.RequireServableAsync(model, version, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            using var package = await _workspace.ReadPackageAsync(live, cancellationToken).ConfigureAwait(false);
            AnswerScores.Write(fallback.Answer, package.Decision, new double[package.Signature.Outputs]);
        }
        return await ChangeAsync(model, fallback, live.Version, reason, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes the fallback of a model; a rule of the application (<see cref="Workspace.UseFallback"/>) stays.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="reason">Why, for the record.</param>
    /// <param name="cancellationToken">Cancels until it is recorded.</param>
    /// <returns>The change.</returns>
    /// <exception cref="MlOpsException">The actor may not set it, or no version is live.</exception>
    public async Task<FallbackChange> RemoveFallbackAsync(string model, string reason, CancellationToken cancellationToken = default)
    {
        var live = await RequireLiveAsync(model, ReleaseAction.SetFallback, reason, cancellationToken).ConfigureAwait(false);
        return await ChangeAsync(model, null, live.Version, reason, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The fallback of a model.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The last change; <see langword="null"/> when there never was a fallback.</returns>
    /// <exception cref="MlOpsException">The record does not agree with the audit log.</exception>
    public Task<FallbackChange?> FindFallbackAsync(string model, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        return _fallbacks.FindAsync(model, cancellationToken);
    }

    /// <summary>The fallbacks that a model had, the newest first.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<IReadOnlyList<FallbackChange>> FallbackHistoryAsync(string model, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        return _fallbacks.HistoryAsync(model, cancellationToken);
    }

    /// <summary>
    /// How the shadows of a model compare with what callers got, in all processes that share the workspace: over the newest 100,000 answers
    /// of the model. What this process has not stored yet is stored first.
    /// </summary>
    /// <param name="model">The model's name.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>A summary for each version that was a shadow, the newest version first.</returns>
    public Task<IReadOnlyList<ShadowSummary>> ShadowAsync(string model, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        return _workspace.Shadows.SummarizeAsync(model, cancellationToken);
    }

    /// <summary>The newest answers of the shadows of a model, newest first; at most 100,000 are kept.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="limit">How many at most, from 1. Default: 100.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<IReadOnlyList<ShadowAnswer>> ShadowAnswersAsync(
        string model, int limit = 100, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return _workspace.Shadows.AnswersAsync(model, limit, cancellationToken);
    }

    private async Task<FallbackChange> ChangeAsync(
        string model, ModelFallback? fallback, int live, string reason, CancellationToken cancellationToken)
    {
        var change = await _fallbacks.SetAsync(
            model, fallback, live, _workspace.Acting.Name, reason, cancellationToken).ConfigureAwait(false);
        if (_workspace.SlotOf(model).Route is not null)
        {
            await _workspace.Promoted.FollowAsync(model, CancellationToken.None).ConfigureAwait(false);
        }
        return change;
    }

    private async Task<ModelVersion> RequireLiveAsync(
        string model, ReleaseAction action, string reason, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        _workspace.Acting.Require(action, model);
        return await _workspace.Models.FindByAliasAsync(model, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false)
            ?? throw new MlOpsException(
                $"No version of '{model}' is live.",
                $"{await _workspace.Models.NearestAsync(model, cancellationToken).ConfigureAwait(false)}" +
                    "Run its lifecycle until a version is deployed.");
    }

    private async Task<ModelSwitch> SwitchAsync(string model, bool isStopped, string reason, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        _workspace.Acting.Require(isStopped ? ReleaseAction.Stop : ReleaseAction.Resume, model);
        var set = await _switches.SetAsync(
            model, isStopped, _workspace.Acting.Name, reason, cancellationToken).ConfigureAwait(false);
        _workspace.Promoted.Follow(set);
        return set;
    }

    /// <summary>Whether there are not too many arms, and they have at most all calls.</summary>
    internal static bool Fits(IReadOnlyList<TrafficArm> arms) => arms.Count <= MostArms && SumOf(arms) <= 1 + Rounding;

    private static double SumOf(IReadOnlyList<TrafficArm> arms) => arms.Where(arm => !arm.IsShadow).Sum(arm => arm.Share);

    private static void Check(IReadOnlyList<TrafficArm> arms, int live)
    {
        if (arms.Count > MostArms) throw Wrong($"There are {arms.Count} arms, and may be {MostArms}.");
        foreach (var arm in arms)
        {
            if (arm is null) throw Wrong("An arm is null.");
            if (!ModelName.IsValid(arm.Name))
            {
                throw Wrong($"'{PrintableText.Shorten(arm.Name ?? "")}' is not a valid name of an arm: use {ModelName.Rule}.");
            }
            if (arm.Name == TrafficArm.Live) throw Wrong($"'{TrafficArm.Live}' is the name of the arm of the live version.");
            if (arm.Name == StandIn.Arm) throw Wrong($"'{StandIn.Arm}' is the name of the answers of the fallback.");
            if (!(arm.Share >= 0 && arm.Share <= 1))
            {
                throw Wrong(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The share of '{arm.Name}' is {arm.Share}; a share is between 0 and 1, for example 0.3 for 30 %."));
            }
            if (arm.Version == live) throw Wrong($"Version {live} of the arm '{arm.Name}' is the live version.");
        }
        if (arms.GroupBy(arm => arm.Name).FirstOrDefault(group => group.Count() > 1) is { } name)
        {
            throw Wrong($"Two arms have the name '{name.Key}'.");
        }
        if (arms.GroupBy(arm => arm.Version).FirstOrDefault(group => group.Count() > 1) is { } version)
        {
            throw Wrong($"Two arms have version {version.Key}.");
        }
        if (SumOf(arms) is var sum && sum > 1 + Rounding)
        {
            throw Wrong(string.Create(CultureInfo.InvariantCulture, $"The shares sum to {sum:0.####}, which is more than 1."));
        }

        static ArgumentException Wrong(string problem) => new(problem, nameof(arms));
    }
}
