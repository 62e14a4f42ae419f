using System.Data.Common;
using System.Globalization;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Audit;

/// <summary>Holds the ledger of looks at a holdout to the log: a look that is struck from it would unseal its rows.</summary>
internal static class AuditedLooks
{
    public const string Action = "holdout.read";
    public const string Prefix = "lifecycle:";

    /// <summary>The lifecycles that the ledger or entries speak of.</summary>
    public static IReadOnlyList<string> Lifecycles(DbConnection connection) =>
    [
        .. AuditTable.Subjects(connection, Prefix)
            .Select(subject => subject[Prefix.Length..])
            .Union(HoldoutTable.Lifecycles(connection))
            .Order(StringComparer.Ordinal),
    ];

    public static Difference? Compare(DbConnection connection, string lifecycle, IReadOnlyList<HoldoutRow> rows)
    {
        var entries = AuditTable.ReadAbout(connection, Prefix + lifecycle).Where(read => read.Entry.Action == Action).ToArray();
        for (var i = 0; i < Math.Max(rows.Count, entries.Length); i++)
        {
            if (i >= entries.Length) return new Difference(null, $"no entry has look {i + 1} at the holdout of '{lifecycle}'.");
            var (entry, previous) = entries[i];
            if (entry.Sequence < 1 || entry.Hash != AuditChain.Hash(previous, entry))
            {
                return new Difference(entry.Sequence, $"entry {entry.Sequence} does not match its hash.");
            }
            var details = StorageJson.ReadFields(entry.Details);
            if (i >= rows.Count || rows[i] is var row && !(
                entry.Actor == "run:" + row.RunId && details.GetValueOrDefault("purpose") == row.Purpose
                    && details.GetValueOrDefault("rowsHash") == row.RowsHash
                    && details.GetValueOrDefault("rowCount") == row.RowCount.ToString(CultureInfo.InvariantCulture)))
            {
                return new Difference(
                    entry.Sequence,
                    $"look {i + 1} at the holdout of '{lifecycle}' is not the one that was taken (entry {entry.Sequence}).");
            }
        }

        return null;
    }
}
