using System.Collections.Concurrent;
using System.Globalization;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>
/// Takes up releases of another workspace: who signed is verified before anything is loaded, and nothing is registered before the version
/// is shown to work here. Thread-safe; several processes may receive for one workspace.
/// </summary>
internal sealed class ReleaseReceiver(Workspace workspace)
{
    private const string Signed = "release of a trusted key";
    private const string Loads = "load and predict here";
    private const int MaxTries = 5;

    // Digits as they are, so that the time of a release can be taken over as the floor.
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";

    // The clocks of two machines differ, but not by more.
    private static readonly TimeSpan s_longestLead = TimeSpan.FromDays(1);

    private readonly ReceivedReleases _received = new(workspace.Store);
    private readonly ConcurrentDictionary<string, (ArtifactId Package, string? Key)> _keys = new(StringComparer.Ordinal);

    /// <summary>Makes sure that the floor of releases is not one that none can reach, for example of a wrong century.</summary>
    /// <exception cref="MlOpsException">It is more than a day in the future.</exception>
    public static void RequireFloor(WorkspaceOptions options)
    {
        var now = options.Time.GetUtcNow();
        if (options.ReleasesNotBefore is not { } floor || floor - now <= s_longestLead) return;
        throw new MlOpsException(
            $"Nothing could be received here: ReleasesNotBefore is {Text(floor)}, and it is {Text(now)}.",
            "Set it to a time that has passed, for example the promotedAt of the release that is to be the oldest one.");
    }

    /// <summary>Takes up a release.</summary>
    /// <param name="file">The file.</param>
    /// <param name="endpoint">The endpoint that it must be for; <see langword="null"/> for any.</param>
    /// <param name="cancellationToken">Cancels until the version is live.</param>
    public async Task<ReceivedRelease> ReceiveAsync(ReadOnlyMemory<byte> file, string? endpoint, CancellationToken cancellationToken)
    {
        var trust = workspace.Options.Trust ?? throw new MlOpsException(
            "This workspace takes up no releases: it does not say whose signatures it trusts.",
            "Set WorkspaceOptions.Trust to the public key of the workspace that signs; in a host, register PackageTrust in the container.");
        var key = trust.Require(file);
        var release = endpoint is null ? ReleaseFile.Read(file) : ReleaseFile.Read(file, endpoint);
        RequireAboveFloor(release);
        workspace.Acting.Require(ReleaseAction.Promote, release.Endpoint);
        ReceivedRelease result;

        // Like a delivery: nothing else goes live meanwhile, and the alias and what this process serves change together.
        var turn = workspace.Process.TurnOf(release.Endpoint);
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            result = await TakeUpAsync(file, release, key, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }

        // A process that was killed before, or that shares its workspace with the one that was quicker, has to follow.
        if (workspace.SlotOf(result.Model).Current?.Version != result.LiveVersion)
        {
            await workspace.ServeAsync(result.Model, cancellationToken).ConfigureAwait(false);
        }
        return result;
    }

    /// <summary>
    /// Who signed the package of a version, as it is stored now: whoever starts next has to trust that key.
    /// </summary>
    /// <returns>The id of the key; <see langword="null"/> where nobody is trusted here, or nobody signed it, or it is lost.</returns>
    public async Task<string?> FindKeyAsync(string model, int version, CancellationToken cancellationToken)
    {
        if (workspace.Options.Trust is null) return null;
        var stored = (await workspace.Models.GetAsync(model, version, cancellationToken).ConfigureAwait(false)).PackageId;
        if (_keys.TryGetValue(model, out var known) && known.Package == stored) return known.Key;
        var (package, loss) = await workspace.Artifacts.TryReadAllAsync(stored, cancellationToken).ConfigureAwait(false);
        if (loss is not null) return null;
        var key = PackageSeal.ReadSignature(package).Signature?.KeyId;
        _keys[model] = (stored, key);
        return key;
    }

    private async Task<ReceivedRelease> TakeUpAsync(
        ReadOnlyMemory<byte> file, Release release, string key, CancellationToken cancellationToken)
    {
        IReadOnlyList<GateResult>? gates = null;
        for (var tries = 1; ; tries++)
        {
            var mark = new ReceivedMark(release.Version, release.ContentHash, release.PromotedAt);
            var known = await _received.FindAsync(release.Endpoint, cancellationToken).ConfigureAwait(false);
            var live = await workspace.Models.FindByAliasAsync(
                release.Endpoint, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false);
            if (known == mark && live is not null)
            {
                await RenewAsync(file, release, key, cancellationToken).ConfigureAwait(false);
                return Result(isNew: false, live.Version);
            }
            RequireNewer(release, known);
            gates ??= await JudgeAsync(file, release, key, cancellationToken).ConfigureAwait(false);
            var blessed = await BlessAsync(file, release, key, gates, cancellationToken).ConfigureAwait(false);
            try
            {
                await MakeLiveAsync(file, blessed, live, mark, known, key, cancellationToken).ConfigureAwait(false);
                return Result(isNew: true, release.Version);
            }
            catch (ConcurrencyException) when (tries < MaxTries)
            {
                // Another process received a release, or somebody rolled back: whether this one is newer is decided again.
            }
        }

        ReceivedRelease Result(bool isNew, int liveVersion) => new()
        {
            Model = release.Endpoint,
            Version = release.Version,
            ContentHash = release.ContentHash,
            PromotedAt = release.PromotedAt,
            KeyId = key,
            IsNew = isNew,
            LiveVersion = liveVersion,
        };
    }

    private void RequireAboveFloor(Release release)
    {
        if (workspace.Options.ReleasesNotBefore is not { } floor || release.PromotedAt >= floor) return;
        throw new MlOpsException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The release of version {release.Version} of '{release.Endpoint}' went live on {Text(release.PromotedAt)} ") +
                $"where it was made, and nothing from before {Text(floor)} (ReleasesNotBefore) is received here.",
            "Bring a release that went live later; a rollback where it was made makes a new one of an earlier version. If you want this " +
                "one all the same, set WorkspaceOptions.ReleasesNotBefore to its time or to an earlier one, in a host " +
                "MlOps:ReleasesNotBefore (MlOpsOptions).") { IsOfCaller = true };
    }

    private static void RequireNewer(Release release, ReceivedMark? known)
    {
        if (known is null || release.PromotedAt > known.PromotedAt) return;
        throw new MlOpsException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"It is an old release: its version {release.Version} of '{release.Endpoint}' went live on {release.PromotedAt:u} " +
                    $"where it was made, and version {known.Version}, of {known.PromotedAt:u}, was received before."),
            "To go back to an earlier version, roll back where it was made, which makes a new release, or here with " +
                "Models.RollbackAsync.") { IsOfCaller = true };
    }

    private async Task<IReadOnlyList<GateResult>> JudgeAsync(
        ReadOnlyMemory<byte> file, Release release, string key, CancellationToken cancellationToken)
    {
        using var package = InProcessTarget.Prove(release.Endpoint, release.Version, file, workspace.Readers);
        workspace.Process.RequireCallable(release.Endpoint, release.Version, package);
        IReadOnlyList<GateResult> callable = await new CallableGate(workspace.Hosts).JudgeAsync(
            release.Endpoint, package.Graph.Input, package.Decision.Labels.Task, cancellationToken).ConfigureAwait(false);
        if (callable.FirstOrDefault(gate => gate.Outcome == GateOutcome.Failed) is { } failed)
        {
            throw new MlOpsException(
                $"The release of version {release.Version} of '{release.Endpoint}' is not taken up, because applications that serve " +
                    $"the model cannot call it. {failed.Explanation}",
                "First release the applications with matching classes.") { IsOfCaller = true };
        }
        return
        [
            .. release.Gates.Where(gate => gate.Name is not (Signed or Loads or CallableGate.Name)),
            new GateResult(
                Signed,
                GateOutcome.Passed,
                $"key {key}",
                "a key that this workspace trusts",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The gates above are those of the workspace that signed; '{PrintableText.Line(release.BlessedBy)}' blessed the " +
                        $"version there on {release.BlessedAt:u}.")),
            new GateResult(
                Loads,
                GateOutcome.Passed,
                string.Create(CultureInfo.InvariantCulture, $"{package.Golden.Rows.Length} rows equal"),
                "the golden rows' scores",
                "The package loads here and gives the same predictions."),
            .. callable,
        ];
    }

    private async Task<BlessedModel> BlessAsync(
        ReadOnlyMemory<byte> file, Release release, string key, IReadOnlyList<GateResult> gates, CancellationToken cancellationToken)
    {
        var (models, actor) = (workspace.Models, workspace.Acting.Name);
        var version = await models.RegisterAsync(
            new NewModelVersion(
                release.Endpoint,
                ArtifactId.Of(file.Span),
                release.ContentHash,
                RunId: null,
                release.Metrics,
                $"released by the workspace of key {key}")
            {
                Package = file,
                RegistrarId = workspace.Acting.Person.EnteredId,
                Version = release.Version,
            },
            actor,
            cancellationToken).ConfigureAwait(false);
        await RenewAsync(file, release, key, cancellationToken).ConfigureAwait(false);

        // What is blessed already, by a release before or by a run of this workspace, need not be again.
        var before = await models.BlessingsAsync(version.Model, version.Version, cancellationToken).ConfigureAwait(false);
        if (before is not [{ IsBlessed: true }, ..])
        {
            await models.BlessAsync(version, gates, actor, cancellationToken).ConfigureAwait(false);
        }
        return await models.GetBlessedAsync(version.Model, version.Version, cancellationToken).ConfigureAwait(false);
    }

    // The key before must not be needed any longer once the workspace that releases has another one.
    private async Task RenewAsync(ReadOnlyMemory<byte> file, Release release, string key, CancellationToken cancellationToken)
    {
        var version = await workspace.Models.GetAsync(release.Endpoint, release.Version, cancellationToken).ConfigureAwait(false);
        var (stored, loss) = await workspace.Artifacts.TryReadAllAsync(version.PackageId, cancellationToken).ConfigureAwait(false);
        var reason = loss ?? (PackageSeal.ReadSignature(stored).Signature?.KeyId == key ? null : $"The key {key} signs now.");
        if (reason is null) return;
        await workspace.Models.MendAsync(version, file, workspace.Acting.Name, cancellationToken, reason).ConfigureAwait(false);
    }

    private async Task MakeLiveAsync(
        ReadOnlyMemory<byte> file,
        BlessedModel blessed,
        ModelVersion? live,
        ReceivedMark mark,
        ReceivedMark? known,
        string key,
        CancellationToken cancellationToken)
    {
        var (version, actor) = (blessed.Version, workspace.Acting.Name);
        cancellationToken.ThrowIfCancellationRequested();
        if (live?.Version == version.Version)
        {
            await _received.AppendAsync(version.Model, mark, known, key, actor, cancellationToken).ConfigureAwait(false);
            return;
        }
        await workspace.Approvals.Registry.RequireAsync(
            version,
            ApprovalKind.Promotion,
            live?.Version,
            $"It is a release of the key {key}, blessed where it was made.",
            new ApprovedRelease(key, mark.PromotedAt),
            cancellationToken).ConfigureAwait(false);
        var reason = string.Create(
            CultureInfo.InvariantCulture, $"release of the key {key}, live since {mark.PromotedAt:u} where it was made");
        var change = await workspace.Models.PromoteAsync(
            blessed,
            ModelRegistry.Champion,
            live?.Version,
            actor,
            reason,
            file,
            (connection, audited) => ReceivedReleases.Append(
                connection, audited, version.Model, mark, known, workspace.Time.GetUtcNow(), key, actor),
            CancellationToken.None).ConfigureAwait(false);
        await workspace.Process.ApplyAsync(
            new DesiredDeployment(version.Model, blessed, file) { PromotedAt = change.At }, CancellationToken.None).ConfigureAwait(false);
        DeploymentLog.Received(workspace.Logger, version.Model, version.Version, key);
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);
}
