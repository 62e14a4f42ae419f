using System.Globalization;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>Every look that was ever taken at sealed rows: the more looks, the less the rows prove. Thread-safe.</summary>
public sealed class HoldoutLedger
{
    private readonly RelationalStore _store;

    internal HoldoutLedger(RelationalStore store) => _store = store;

    /// <summary>Lists the looks at a lifecycle's holdout, oldest first.</summary>
    /// <param name="lifecycle">The lifecycle.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<IReadOnlyList<HoldoutLook>> ListAsync(string lifecycle, CancellationToken cancellationToken = default) =>
        _store.ReadAsync<IReadOnlyList<HoldoutLook>>(
            connection => [.. HoldoutTable.Read(connection, lifecycle).Select(ToLook)],
            cancellationToken);

    /// <summary>Lists the looks for whoever keeps the rows sealed.</summary>
    /// <exception cref="MlOpsException">The audit log has other looks.</exception>
    internal Task<IReadOnlyList<HoldoutLook>> ListAuditedAsync(string lifecycle, CancellationToken cancellationToken) =>
        _store.ReadAsync<IReadOnlyList<HoldoutLook>>(
            connection =>
            {
                var rows = HoldoutTable.Read(connection, lifecycle);
                return AuditedLooks.Compare(connection, lifecycle, rows) is { } difference
                    ? throw difference.ToException()
                    : [.. rows.Select(ToLook)];
            },
            cancellationToken);

    /// <summary>Records a look, together with its audit entry, before the rows are shown.</summary>
    internal Task<HoldoutLook> RecordAsync(
        string lifecycle,
        string runId,
        string purpose,
        string rowsHash,
        long rowCount,
        DateTimeOffset at,
        CancellationToken cancellationToken = default) =>
        _store.WriteAsync(connection =>
        {
            var row = new HoldoutRow
            {
                Lifecycle = lifecycle, RunId = runId, Purpose = purpose, RowsHash = rowsHash, RowCount = rowCount, At = at.UtcTicks
            };
            row = row with { No = HoldoutTable.Insert(connection, row) };
            AuditLog.Append(
                connection, at, "run:" + runId, AuditedLooks.Action, AuditedLooks.Prefix + lifecycle,
                StorageJson.WriteFields(
                    ("purpose", purpose), ("rowsHash", rowsHash), ("rowCount", rowCount.ToString(CultureInfo.InvariantCulture))));
            return ToLook(row);
        }, cancellationToken);

    /// <summary>Which look of a kind a purpose is, counted from 1 over all rows that the lifecycle ever looked at.</summary>
    /// <param name="lifecycle">The lifecycle.</param>
    /// <param name="kind">What the purposes of the kind begin with.</param>
    /// <param name="purpose">A look that is recorded; looking at the same rows for it again is the same look.</param>
    /// <param name="rowsHash">The rows.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    internal async Task<int> OrdinalOfAsync(
        string lifecycle, string kind, string purpose, string rowsHash, CancellationToken cancellationToken)
    {
        var looks = (await ListAuditedAsync(lifecycle, cancellationToken).ConfigureAwait(false))
            .Where(look => look.Purpose.StartsWith(kind, StringComparison.Ordinal))
            .Select(look => (look.Purpose, look.RowsHash))
            .Distinct()
            .ToList();
        return looks.IndexOf((purpose, rowsHash)) + 1;
    }

    private static HoldoutLook ToLook(HoldoutRow row) =>
        StoredRecord.Read(
            $"look {row.No} at a holdout",
            () => new HoldoutLook(row.No, row.Lifecycle, row.RunId, row.Purpose, row.RowsHash, row.RowCount, Ticks.ToTime(row.At)));
}
