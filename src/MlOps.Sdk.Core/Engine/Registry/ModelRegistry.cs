using System.Data.Common;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Data;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Registry;

/// <summary>The models of a workspace: versions, attestations, aliases and what they were in the past. Thread-safe.</summary>
public sealed class ModelRegistry
{
    /// <summary>The alias of the live version, which lifecycles promote and endpoints serve: <c>champion</c>.</summary>
    public const string Champion = "champion";

    /// <summary>What the audit log calls going back to an earlier version.</summary>
    internal const string RolledBack = "model.rolled-back";

    private readonly RelationalStore _store;

    private readonly WorkspaceArtifacts? _artifacts;

    private readonly PackageWrites _packages;

    private readonly AliasMoves _moves;

    /// <summary>Throws for a package that must not be read; <see langword="null"/> where all may.</summary>
    internal Action<ReadOnlyMemory<byte>>? Verify { get; init; }

    /// <summary>The id of the key that signs packages here; <see langword="null"/> where none does.</summary>
    internal string? KeyId { get; init; }

    internal ModelRegistry(RelationalStore store, WorkspaceArtifacts? artifacts = null, object? home = null)
    {
        _store = store;
        _artifacts = artifacts;
        _packages = new PackageWrites(store, artifacts);
        _moves = new AliasMoves(store, _packages);
        Home = home;
    }

    /// <summary>The workspace that the registry belongs to.</summary>
    internal object? Home { get; }

    internal RelationalStore Store => _store;

    /// <summary>Who changes what people say of models.</summary>
    internal CurrentActor Acting { get; init; } = new(null, Environment.UserName);

    /// <summary>The runs that the versions came of to which aliases point now.</summary>
    internal Task<IReadOnlyList<string>> RunsOfAliasesAsync(CancellationToken cancellationToken) =>
        _store.ReadAsync<IReadOnlyList<string>>(
            connection => [.. AliasTable.Runs(connection).Union(RegistryTable.RunsOfAliases(connection))], cancellationToken);

    /// <summary>Lists the names of the models.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<IReadOnlyList<string>> ModelsAsync(CancellationToken cancellationToken = default) =>
        _store.ReadAsync(ModelVersionTable.Models, cancellationToken);

    /// <summary>
    /// Lists the versions of a model, newest first, without those that are archived or deleted: <c>SearchAsync</c> has them.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<IReadOnlyList<ModelVersion>> ListAsync(string model, CancellationToken cancellationToken = default) =>
        _store.ReadAsync<IReadOnlyList<ModelVersion>>(
            connection => [.. RegistryRecords.List(connection, model).Where(version => version is { IsArchived: false, Deletion: null })],
            cancellationToken);

    /// <summary>Lists all versions of a model, newest first.</summary>
    internal Task<IReadOnlyList<ModelVersion>> ListAllAsync(string model, CancellationToken cancellationToken) =>
        _store.ReadAsync(connection => RegistryRecords.List(connection, model), cancellationToken);

    /// <summary>Reads a version.</summary>
    /// <param name="model">The model.</param>
    /// <param name="version">The version's number.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">There is no such version.</exception>
    public Task<ModelVersion> GetAsync(string model, int version, CancellationToken cancellationToken = default) =>
        _store.ReadAsync(connection => RegistryRecords.Get(connection, model, version), cancellationToken);

    /// <summary>Reads the version that an alias points to.</summary>
    /// <param name="model">The model.</param>
    /// <param name="alias">The alias.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The version, or <see langword="null"/> when there is no such alias.</returns>
    public Task<ModelVersion?> FindByAliasAsync(string model, string alias, CancellationToken cancellationToken = default) =>
        _store.ReadAsync(
            connection => CatalogReading.FindAlias(connection, model, alias) is { } version
                ? RegistryRecords.Get(connection, model, version)
                : null,
            cancellationToken);

    /// <summary>Lists the aliases of a model, each as its last move.</summary>
    /// <param name="model">The model.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<IReadOnlyList<AliasChange>> AliasesAsync(string model, CancellationToken cancellationToken = default) =>
        _store.ReadAsync(connection => CatalogReading.Aliases(connection, model), cancellationToken);

    /// <summary>Lists every move of an alias, newest first.</summary>
    /// <param name="model">The model.</param>
    /// <param name="alias">The alias.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<IReadOnlyList<AliasChange>> AliasHistoryAsync(string model, string alias, CancellationToken cancellationToken = default) =>
        _store.ReadAsync(connection => CatalogReading.AliasHistory(connection, model, alias), cancellationToken);

    /// <summary>Reads what an alias is to serve; an alias of <c>SetAliasAsync</c> serves nothing.</summary>
    /// <param name="model">The model.</param>
    /// <param name="alias">The alias.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The route, or <see langword="null"/> when there is no such alias.</returns>
    public Task<DesiredRoute?> RouteAsync(string model, string alias, CancellationToken cancellationToken = default) =>
        _store.ReadAsync(
            connection => AliasTable.Route(connection, model, alias) is { } row ? RegistryRecords.ToRoute(row) : null, cancellationToken);

    /// <summary>Lists the attestations over a version, also those that did not bless it, newest first. The newest counts.</summary>
    /// <param name="model">The model.</param>
    /// <param name="version">The version's number.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<IReadOnlyList<Blessing>> BlessingsAsync(string model, int version, CancellationToken cancellationToken = default) =>
        _store.ReadAsync<IReadOnlyList<Blessing>>(
            connection => [.. BlessingTable.Read(connection, model, version).Select(RegistryRecords.ToBlessing)],
            cancellationToken);

    /// <summary>Reads a version that may be deployed.</summary>
    /// <param name="model">The model.</param>
    /// <param name="version">The version's number.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ApprovalRequiredException">The version passed every gate but the one of its approval.</exception>
    /// <exception cref="MlOpsException">
    /// There is no such version, or its newest attestation does not bless it; the message names the gates that failed. Or the version and
    /// its attestations are not those that the audit log has.
    /// </exception>
    public Task<BlessedModel> GetBlessedAsync(string model, int version, CancellationToken cancellationToken = default) =>
        _store.ReadAsync(
            connection => RegistryRecords.GetBlessed(
                connection, RegistryRecords.Get(connection, model, version), _store.Clock.GetUtcNow()),
            cancellationToken);

    /// <summary>Reads the version that an alias points to, for whoever serves it.</summary>
    /// <returns>The version, or <see langword="null"/> when there is no such alias.</returns>
    /// <exception cref="MlOpsException">The version is not blessed, or the registry and the audit log do not agree.</exception>
    internal Task<(BlessedModel Model, DateTimeOffset At)?> FindBlessedByAliasAsync(
        string model, string alias, CancellationToken cancellationToken) =>
        _store.ReadAsync<(BlessedModel, DateTimeOffset)?>(
            connection => AuditedModel.Read(connection, model).CompareAlias(connection, alias) is { } difference
                ? throw difference.ToException()
                : AliasTable.Route(connection, model, alias) is { } route
                    ? (RegistryRecords.GetBlessed(
                            connection, RegistryRecords.Get(connection, model, route.Version), _store.Clock.GetUtcNow()),
                        RegistryRecords.ToRoute(route).At)
                    : null,
            cancellationToken);

    /// <summary>
    /// Registers the next version of a model, or one under the number that it came with. The same content of the same run, the same key, or
    /// the same number, is registered once.
    /// </summary>
    /// <exception cref="MlOpsException">The key or the number was used for other content, or the package is not there.</exception>
    internal async Task<ModelVersion> RegisterAsync(NewModelVersion request, string actor, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(request.Model);
        ArgumentException.ThrowIfNullOrWhiteSpace(request.ContentHash);
        var metrics = RegistryJson.WriteMetrics(request.Metrics);
        var version = await _packages.WriteAsync(request.PackageId, request.Package, (connection, lookup) =>
        {
            if (FindRegistered(connection, request) is { } existing) return RegistryRecords.ToVersion(connection, existing);
            lookup.Require(request.PackageId);
            var at = _store.Clock.GetUtcNow();
            var version = ModelVersionTable.Insert(connection, new ModelVersionRow
            {
                Model = request.Model,
                Version = request.Version ?? 0,
                Package = request.PackageId.Hex,
                ContentHash = request.ContentHash,
                RunId = request.RunId,
                CreatedAt = at.UtcTicks,
                Metrics = metrics,
                Description = request.Description,
                IdempotencyKey = request.IdempotencyKey,
            });
            AuditLog.Append(
                connection, at, actor, "model.registered", RegistryRecords.SubjectOf(request.Model, version),
                StorageJson.WriteFields(
                    ("package", request.PackageId.Hex),
                    ("contentHash", request.ContentHash),
                    ("run", request.RunId),
                    ("metrics", metrics),
                    ("description", request.Description),
                    ("origin", request.Origin),
                    (ActingPerson.IdField, request.RegistrarId)));
            return RegistryRecords.Get(connection, request.Model, version);
        }, cancellationToken).ConfigureAwait(false);
        return request.Package.IsEmpty
            ? version
            : await MendAsync(version, request.Package, actor, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Gives a version whose package is lost, damaged, or not signed by the key in use a package of the same content: what decides
    /// predictions is the same, only what is told of the run beside it is the new run's.
    /// </summary>
    /// <param name="version">The version.</param>
    /// <param name="package">A package of the version's content hash.</param>
    /// <param name="actor">Who.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="reason">Why it gets another package although nothing is wrong with its own; <see langword="null"/> if not.</param>
    /// <returns>The version as it is now.</returns>
    internal async Task<ModelVersion> MendAsync(
        ModelVersion version, ReadOnlyMemory<byte> package, string actor, CancellationToken cancellationToken, string? reason = null)
    {
        if (_artifacts is null) return version;
        var loss = reason ?? await _artifacts.FindLossAsync(version.PackageId, cancellationToken).ConfigureAwait(false)
            ?? await FindDistrustAsync(version.PackageId, cancellationToken).ConfigureAwait(false);
        if (loss is null) return version;
        var id = (await _artifacts.PutAsync(package, cancellationToken).ConfigureAwait(false)).Id;
        if (id == version.PackageId) return version;
        return await _packages.WriteAsync(id, package, (connection, lookup) =>
        {
            lookup.Require(id);
            ModelVersionTable.SetPackage(connection, version.Model, version.Version, id);
            AuditLog.Append(
                connection, _store.Clock, actor, "model.mended", RegistryRecords.SubjectOf(version.Model, version.Version),
                StorageJson.WriteFields(("package", id.Hex), ("contentHash", version.ContentHash), ("reason", loss)));
            return RegistryRecords.Get(connection, version.Model, version.Version);
        }, cancellationToken).ConfigureAwait(false);
    }

    // A package of before signatures were required, or of another key.
    private async Task<string?> FindDistrustAsync(ArtifactId package, CancellationToken cancellationToken)
    {
        if (Verify is null && KeyId is null) return null;
        var bytes = await _artifacts!.ReadAllAsync(package, cancellationToken).ConfigureAwait(false);
        try
        {
            Verify?.Invoke(bytes);
            if (KeyId is not { } key || PackageSeal.ReadSignature(bytes).Signature?.KeyId is var signed && signed == key) return null;
            return $"The package is signed by {(signed is null ? "nobody" : $"the key {PackageFile.Shown(signed)}")}, and {key} signs now.";
        }
        catch (MlOpsException e)
        {
            return e.Problem;
        }
    }

    /// <summary>The version under which a key is noted; <see langword="null"/> when it is not.</summary>
    internal Task<ModelVersion?> FindByKeyAsync(string model, string key, CancellationToken cancellationToken) => _store.ReadAsync(
        connection => ModelVersionTable.FindByKey(connection, model, key) is { } row ? RegistryRecords.ToVersion(connection, row) : null,
        cancellationToken);

    /// <summary>Notes a key with a version, in the place of the one that it had; a key is noted with one version.</summary>
    internal Task NoteKeyAsync(ModelVersion version, string key, CancellationToken cancellationToken) => _store.WriteAsync(
        connection => { ModelVersionTable.SetKey(connection, version.Model, version.Version, key); }, cancellationToken);

    /// <summary>Stores an attestation, also one that does not bless.</summary>
    /// <exception cref="ArgumentException">There is no gate result: an attestation about nothing would bless anything.</exception>
    internal Task<Blessing> BlessAsync(
        ModelVersion version, IReadOnlyList<GateResult> gates, string actor, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(actor);
        if (gates.Count == 0) throw new ArgumentException("At least one gate must have judged the version.", nameof(gates));
        return _store.WriteAsync(connection =>
        {
            var registered = RegistryRecords.Get(connection, version.Model, version.Version);
            if (registered.ContentHash != version.ContentHash)
            {
                throw new ArgumentException("This is not the version that is registered under its number.", nameof(version));
            }
            var blessing = new Blessing(version.Model, version.Version, version.ContentHash, _store.Clock.GetUtcNow(), actor, gates);
            var json = RegistryJson.WriteGates(gates);
            BlessingTable.Insert(connection, new BlessingRow
            {
                Model = blessing.Model,
                Version = blessing.Version,
                ContentHash = blessing.ContentHash,
                IssuedAt = blessing.IssuedAt.UtcTicks,
                Actor = actor,
                Gates = json,
            });
            AuditLog.Append(
                connection,
                blessing.IssuedAt,
                actor,
                blessing.IsBlessed ? "model.blessed" : "model.refused",
                RegistryRecords.SubjectOf(version.Model, version.Version),
                StorageJson.WriteFields(("contentHash", version.ContentHash), ("gates", json)));
            return blessing;
        }, cancellationToken);
    }

    /// <summary>Points an alias to a version: the move, its history, the desired route and the audit entry are one commit.</summary>
    /// <param name="model">The version.</param>
    /// <param name="alias">The alias.</param>
    /// <param name="expectedVersion">
    /// What the alias points to as far as the caller knows; <see langword="null"/> when it must not exist.
    /// </param>
    /// <param name="actor">Who.</param>
    /// <param name="reason">Why.</param>
    /// <param name="package">The package, where it is at hand: it is put again when it is lost.</param>
    /// <param name="also">What else belongs to the commit; it is told what the log says of the model.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ConcurrencyException">The alias points elsewhere by now.</exception>
    /// <exception cref="MlOpsException">A newer attestation does not bless the version, or its package is not there.</exception>
    internal Task<AliasChange> PromoteAsync(
        BlessedModel model,
        string alias,
        int? expectedVersion,
        string actor,
        string reason,
        ReadOnlyMemory<byte> package = default,
        Action<DbConnection, AuditedModel>? also = null,
        CancellationToken cancellationToken = default) =>
        _moves.MoveAsync(model, "model.promoted", alias, expectedVersion, actor, reason, package, also, cancellationToken);

    /// <summary>Points an alias back to a version that it pointed to before, like <see cref="PromoteAsync"/>.</summary>
    internal Task<AliasChange> RollBackAsync(
        BlessedModel model, string alias, int expectedVersion, string actor, string reason, CancellationToken cancellationToken) =>
        _moves.MoveAsync(model, RolledBack, alias, expectedVersion, actor, reason, default, null, cancellationToken);

    /// <summary>A question after the name that may be meant, for a message about a model that does not exist; else empty.</summary>
    internal async Task<string> NearestAsync(string model, CancellationToken cancellationToken)
    {
        var names = await ModelsAsync(cancellationToken).ConfigureAwait(false);
        return !names.Contains(model) && NearestName.Find(model, names) is { } near ? $"Did you mean '{near}'? " : "";
    }

    /// <inheritdoc cref="AliasMoves.FindEarlierAsync"/>
    internal Task<BlessedModel> FindEarlierAsync(string model, string alias, CancellationToken cancellationToken) =>
        _moves.FindEarlierAsync(model, alias, cancellationToken);

    private static ModelVersionRow? FindRegistered(DbConnection connection, NewModelVersion request)
    {
        if (request.Version is { } number)
        {
            if (RegistryTable.Find(connection, request.Model, number, RegistryTable.Deleted) is not null)
            {
                throw RegistryRecords.Deleted(RegistryRecords.Get(connection, request.Model, number), "its number is not given again");
            }
            return ModelVersionTable.Find(connection, request.Model, number) is not { } same || same.ContentHash == request.ContentHash
                ? ModelVersionTable.Find(connection, request.Model, number)
                : throw new MlOpsException(
                    $"Version {number} of '{request.Model}' is another model in this workspace, so that no other one can have the number.",
                    "If the workspace that releases was made again, its numbers began again: restore it from its backup, or let this " +
                        "one begin again, too, with a new folder as its workspace. If this workspace trains or imports a model of the " +
                        "name itself, use another name for one of the two.") { IsOfCaller = true };
        }
        if (request.IdempotencyKey is { } key && ModelVersionTable.FindByKey(connection, request.Model, key) is { } byKey)
        {
            return byKey.ContentHash == request.ContentHash
                ? byKey
                : throw new MlOpsException(
                    $"The idempotency key '{key}' was used for version {byKey.Version} of '{request.Model}', which has other content.",
                    "Use a new key for a new model.");
        }

        return ModelVersionTable.FindByContent(connection, request.Model, request.ContentHash, request.RunId);
    }

    /// <summary>The error for an alias that points elsewhere than the caller knows.</summary>
    internal static ConcurrencyException Conflict(string model, string alias, int? expected, int? actual, string? remedy = null) => new(
        $"The alias '{alias}' of '{model}' {(actual is null ? "does not exist" : $"points to version {actual}")}, expected " +
            $"{(expected is null ? "none" : $"version {expected}")}.",
        remedy ?? "Check what was promoted meanwhile, then run again: the new version is compared with it.",
        expected,
        actual);
}
