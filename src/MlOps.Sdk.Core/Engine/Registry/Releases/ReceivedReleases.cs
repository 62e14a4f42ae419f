using System.Data.Common;
using System.Globalization;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Registry;

/// <summary>
/// Which release of another workspace a model had last. The audit log keeps it, so that a release of before is known as older for ever.
/// Thread-safe.
/// </summary>
internal sealed class ReceivedReleases(RelationalStore store)
{
    /// <summary>The last one; <see langword="null"/> when there never was one.</summary>
    /// <exception cref="MlOpsException">The audit log is not as it was written.</exception>
    public Task<ReceivedMark?> FindAsync(string model, CancellationToken cancellationToken) =>
        store.ReadAsync(connection => AuditedModel.Read(connection, model).LastReceived, cancellationToken);

    /// <summary>Notes a release of the version that is live already.</summary>
    /// <exception cref="ConcurrencyException">Another release was received, or another version went live meanwhile.</exception>
    public async Task AppendAsync(
        string model, ReceivedMark received, ReceivedMark? known, string key, string actor, CancellationToken cancellationToken)
    {
        var ahead = await AuditedModel.ReadAheadAsync(store, model, null, cancellationToken).ConfigureAwait(false);
        await store.WriteAsync(
            connection =>
            {
                var live = AliasTable.Find(connection, model, ModelRegistry.Champion);
                if (live != received.Version) throw ModelRegistry.Conflict(model, ModelRegistry.Champion, received.Version, live);
                Append(connection, ahead.ReadOn(connection), model, received, known, store.Clock.GetUtcNow(), key, actor);
                return 0;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Notes a release that people approved, in the write that makes its version live.</summary>
    /// <exception cref="ConcurrencyException">A later release was received meanwhile.</exception>
    public static void Append(
        DbConnection connection, AuditedModel audited, ModelVersion version, ApprovedRelease release, DateTimeOffset at, string actor)
    {
        var known = audited.LastReceived;
        var received = new ReceivedMark(version.Version, version.ContentHash, release.PromotedAt);
        if (known is not null && known != received && known.PromotedAt >= release.PromotedAt)
        {
            throw new ConcurrencyException(
                $"A later release of '{version.Model}' was received meanwhile.",
                "Look at what is live now.",
                version.Version,
                known.Version);
        }
        Append(connection, audited, version.Model, received, known, at, release.Key, actor);
    }

    /// <summary>Notes a release in the write that makes its version live.</summary>
    /// <exception cref="ConcurrencyException">Another release was received meanwhile.</exception>
    public static void Append(
        DbConnection connection,
        AuditedModel audited,
        string model,
        ReceivedMark received,
        ReceivedMark? known,
        DateTimeOffset at,
        string key,
        string actor)
    {
        var actual = audited.LastReceived;
        if (actual != known)
        {
            throw new ConcurrencyException(
                $"Another release of '{model}' was received meanwhile.", "Look at what is live now.", known?.Version, actual?.Version);
        }
        AuditLog.Append(
            connection, at, actor, ReceivedMark.Action, string.Create(CultureInfo.InvariantCulture, $"model:{model}/{received.Version}"),
            StorageJson.WriteFields(
                ("contentHash", received.ContentHash), ("key", key), ("promotedAt", ReceivedMark.Write(received.PromotedAt))));
    }
}
