using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Audit;

/// <summary>Compares records that are only added to with their entries, one by one.</summary>
internal static class AuditedHistory
{
    /// <summary>Compares them.</summary>
    /// <param name="model">The model that they are of.</param>
    /// <param name="what">What they are, for the message.</param>
    /// <param name="entries">The entries, oldest first.</param>
    /// <param name="history">The records, newest first.</param>
    /// <param name="isSame">Whether a record is the one of an entry.</param>
    public static Difference? Compare<TRow>(
        string model,
        string what,
        IReadOnlyList<(AuditRow Entry, SortedDictionary<string, string> Details)> entries,
        IReadOnlyList<TRow> history,
        Func<TRow, AuditRow, SortedDictionary<string, string>, bool> isSame)
    {
        for (var i = 0; i < Math.Max(history.Count, entries.Count); i++)
        {
            if (i >= entries.Count) return new Difference(null, $"no entry has change {i + 1} of the {what} of '{model}'.");
            var (entry, details) = entries[i];
            if (i >= history.Count || !isSame(history[^(i + 1)], entry, details))
            {
                return new Difference(
                    entry.Sequence, $"change {i + 1} of the {what} of '{model}' is not as it was (entry {entry.Sequence}).");
            }
        }

        return null;
    }
}
