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
                connection, _store.Clock, "run:" + runId, "holdout.read", "lifecycle:" + lifecycle,
                StorageJson.WriteFields(
                    ("purpose", purpose), ("rowsHash", rowsHash), ("rowCount", rowCount.ToString(CultureInfo.InvariantCulture))));
            return ToLook(row);
        }, cancellationToken);

    private static HoldoutLook ToLook(HoldoutRow row) =>
        new(row.No, row.Lifecycle, row.RunId, row.Purpose, row.RowsHash, row.RowCount, Ticks.ToTime(row.At));
}
