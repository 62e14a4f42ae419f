using System.Data.Common;
using System.Globalization;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Registry;

/// <summary>Where aliases point, and to which version one goes back. Thread-safe.</summary>
internal sealed class AliasMoves(RelationalStore store, PackageWrites packages)
{
    /// <summary>Moves an alias: the move, its history, the desired route and the audit entry are one commit.</summary>
    /// <param name="model">The version.</param>
    /// <param name="action">What the audit log calls it.</param>
    /// <param name="alias">The alias.</param>
    /// <param name="expectedVersion">What it points to as far as the caller knows; <see langword="null"/> when it must not exist.</param>
    /// <param name="actor">Who.</param>
    /// <param name="reason">Why.</param>
    /// <param name="package">The package, where it is at hand: it is put again when it is lost.</param>
    /// <param name="also">What else belongs to the commit.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ConcurrencyException">The alias points elsewhere by now.</exception>
    /// <exception cref="MlOpsException">A newer attestation does not bless the version, or its package is not there.</exception>
    public async Task<AliasChange> MoveAsync(
        BlessedModel model,
        string action,
        string alias,
        int? expectedVersion,
        string actor,
        string reason,
        ReadOnlyMemory<byte> package,
        Action<DbConnection, AuditedModel>? also,
        CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(alias);
        ArgumentException.ThrowIfNullOrWhiteSpace(actor);
        var ahead = await AuditedModel.ReadAheadAsync(store, model.Version.Model, alias, cancellationToken).ConfigureAwait(false);
        return await packages.WriteAsync(model.Version.PackageId, package, (connection, lookup) =>
        {
            // What was blessed a moment ago may have been rejected since.
            var registered = RegistryRecords.Get(connection, model.Version.Model, model.Version.Version);
            var audited = ahead.ReadOn(connection);
            var version = RegistryRecords.GetBlessed(connection, registered, store.Clock.GetUtcNow(), audited).Version;
            if (version.ContentHash != model.Version.ContentHash)
            {
                throw new ArgumentException("The model comes from another workspace.", nameof(model));
            }
            lookup.Require(version.PackageId);
            if (audited.CompareAlias(connection, alias) is { } difference)
            {
                throw difference.ToException();
            }
            var actual = AliasTable.Find(connection, version.Model, alias);
            if (actual != expectedVersion) throw ModelRegistry.Conflict(version.Model, alias, expectedVersion, actual);
            var at = NextMove(connection, version.Model, alias);
            var row = new AliasChangeRow
            {
                Model = version.Model,
                Alias = alias,
                Version = version.Version,
                Previous = actual,
                At = at.UtcTicks,
                Actor = actor,
                Reason = reason,
            };
            if (alias == ModelRegistry.Champion)
            {
                var kind = action == ModelRegistry.RolledBack ? ApprovalKind.Rollback : ApprovalKind.Promotion;
                ApprovalRule.UseFor(connection, version, kind, actual, at, actor);
            }
            also?.Invoke(connection, audited);
            AliasTable.Move(connection, row, version.PackageId.Hex, version.ContentHash);
            if (alias == ModelRegistry.Champion) TrafficRegistry.Clear(connection, version.Model, version.Version, at, actor, reason);
            AuditLog.Append(
                connection, at, actor, action, RegistryRecords.SubjectOf(version.Model, version.Version),
                StorageJson.WriteFields(
                    ("alias", alias),
                    ("previous", actual?.ToString(CultureInfo.InvariantCulture)),
                    ("contentHash", version.ContentHash),
                    ("reason", reason)));
            return RegistryRecords.ToChange(row);
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The version that an alias pointed to before the present one, and that is blessed.</summary>
    /// <exception cref="MlOpsException">There is none.</exception>
    public Task<BlessedModel> FindEarlierAsync(string model, string alias, CancellationToken cancellationToken) =>
        store.ReadAsync(
            connection => FindEarlier(connection, model, alias) is { } version
                ? RegistryRecords.GetBlessed(connection, RegistryRecords.Get(connection, model, version), store.Clock.GetUtcNow())
                : throw new MlOpsException(
                    $"No earlier version of '{model}' was live and is blessed.", "Name a blessed version.")
                {
                    IsOfCaller = true
                },
            cancellationToken);

    /// <summary>The version that one goes back to; <see langword="null"/> when there is none.</summary>
    public static int? FindEarlier(DbConnection connection, string model, string alias)
    {
        // Whoever goes back forgets what came after.
        var live = new List<int>();
        foreach (var change in AliasTable.History(connection, model, alias).Reverse())
        {
            var before = live.IndexOf(change.Version);
            if (before >= 0) live.RemoveRange(before + 1, live.Count - before - 1);
            else live.Add(change.Version);
        }

        foreach (var version in live.SkipLast(1).Reverse())
        {
            var attestations = BlessingTable.Read(connection, model, version);
            if (attestations.Count > 0 && RegistryRecords.ToBlessing(attestations[0]).IsBlessed
                && RegistryTable.Find(connection, model, version, RegistryTable.Archived) is null
                && RegistryTable.Find(connection, model, version, RegistryTable.Deleted) is null)
            {
                return version;
            }
        }

        return null;
    }

    // Where releases go, the later one counts: the clocks of two hosts may differ, or one may be set back.
    private DateTimeOffset NextMove(DbConnection connection, string model, string alias)
    {
        var now = store.Clock.GetUtcNow();
        return AliasTable.Route(connection, model, alias) is { } before && before.At >= now.UtcTicks ? Ticks.ToTime(before.At + 1) : now;
    }
}
