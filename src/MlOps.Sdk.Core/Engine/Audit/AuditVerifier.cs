using System.Globalization;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Audit;

/// <summary>
/// Computes every hash of the log again. It reads a page at a time, so that its memory does not depend on the length of the log, and says
/// of the first entry that is not as it was written what was done to it.
/// </summary>
internal sealed class AuditVerifier(RelationalStore store, AuditAnchor? anchor, string? knownHead, IProgress<long>? progress)
{
    private const int Page = 1000;

    // Where more is removed at once, and the rest has new numbers, that is found as well, and is called a change.
    private const int MostRemoved = 10_000;

    private string _previous = "";
    private long _entries;

    /// <summary>What is wrong with the entries; intact where nothing is.</summary>
    public async Task<AuditVerification> RunAsync(CancellationToken cancellationToken)
    {
        var isKnown = string.IsNullOrEmpty(knownHead);
        var anchored = anchor?.Sequence == 0 ? "" : null;
        var promised = 0L;
        while (true)
        {
            // A number that no entry has is inserted, also one below the first.
            var position = _entries == 0 ? long.MinValue : _entries;
            var page = await ReadAsync(position, Page, cancellationToken).ConfigureAwait(false);
            foreach (var row in page)
            {
                if (row.Sequence < 1)
                {
                    return Broken(
                        AuditProblemKind.Inserted,
                        $"An entry with the number {Number(row.Sequence)} was added: the first one is 1.");
                }
                if (row.Sequence != _entries + 1)
                {
                    return Broken(AuditProblemKind.Missing, $"{Range(_entries + 1, row.Sequence - 1)} missing.");
                }
                if (row.Hash != AuditChain.Hash(_previous, row)) return await DiagnoseAsync(row, cancellationToken).ConfigureAwait(false);
                (_previous, _entries) = (row.Hash, row.Sequence);
                isKnown |= _previous == knownHead;
                if (_entries == anchor?.Sequence) anchored = _previous;
            }

            progress?.Report(_entries);
            if (page.Count == Page) continue;

            // Entries come with their head. What was appended since the page was read is read next, and is there if nobody removed it.
            var head = await store.ReadAsync(AuditTable.Head, cancellationToken).ConfigureAwait(false);
            if (head?.Sequence > _entries && promised <= _entries)
            {
                promised = head.Sequence;
                continue;
            }
            if (FindEnd(head) is { } end) return end;
            break;
        }

        return FindAnchor(anchored) ?? (isKnown
            ? new AuditVerification(_entries, null, null, _previous)
            : Broken(AuditProblemKind.Rewritten, "The known hash is not in the log: the log was rewritten, or its end was removed."));
    }

    private AuditVerification? FindEnd(AuditHeadRow? head)
    {
        if (head is null)
        {
            return _entries == 0
                ? null
                : Broken(
                    AuditProblemKind.CutOff,
                    "What is noted of the newest entry was removed or damaged: entries may be missing from the end.");
        }
        if (head.Sequence > _entries)
        {
            return Broken(AuditProblemKind.CutOff, $"{Range(_entries + 1, head.Sequence)} missing: the end of the log was cut off.");
        }
        if (head.Sequence < _entries)
        {
            return Broken(
                AuditProblemKind.Inserted,
                $"Entry {Number(head.Sequence + 1)} was added at the end of the log by another program.",
                head.Sequence + 1);
        }
        return head.Hash == _previous
            ? null
            : Broken(
                AuditProblemKind.Rewritten,
                $"Entry {Number(_entries)} is not the newest one that was written: the end of the log was rewritten.",
                _entries);
    }

    private AuditVerification? FindAnchor(string? anchored)
    {
        if (anchor is null || anchored == anchor.Hash) return null;
        return anchored is null
            ? Broken(
                AuditProblemKind.CutOff,
                $"{Range(_entries + 1, anchor.Sequence)} missing, which the log had when it was anchored: the end was cut off.")
            : Broken(
                AuditProblemKind.Rewritten,
                $"Entry {Number(anchor.Sequence)} is not the one that was anchored: this entry or an earlier one was rewritten.",
                anchor.Sequence);
    }

    // The entry does not fit: the one that does may stand elsewhere, or those behind it may tell what was before them.
    private async Task<AuditVerification> DiagnoseAsync(AuditRow row, CancellationToken cancellationToken)
    {
        var place = row.Sequence;
        var next = await FindNextAsync(place, cancellationToken).ConfigureAwait(false);
        if (await FindMovedAsync(row, cancellationToken).ConfigureAwait(false) is { } moved)
        {
            // Where the entries behind it are where they were, it changed its place with this one.
            var isAlone = Follows(moved, row with { Sequence = place + 1 }) || (next is not null && Follows(moved, next));
            var behind = await FindNextAsync(moved.Sequence, cancellationToken).ConfigureAwait(false);
            var isPushed = !isAlone && moved.Hash == AuditChain.Hash(_previous, moved with { Sequence = place })
                && (behind is null || Follows(moved, behind with { Sequence = place + 1 }));
            return isPushed
                ? Broken(AuditProblemKind.Inserted, $"{Range(place, moved.Sequence - 1, "was", "were")} added by another program.")
                : Broken(
                    AuditProblemKind.Reordered,
                    $"Entry {Number(place)} was written in another place: the one that belongs there stands at {Number(moved.Sequence)}.");
        }
        for (var removed = 1; next is not null && removed <= MostRemoved; removed++)
        {
            if (!Follows(row, next with { Sequence = next.Sequence + removed })) continue;
            return Broken(
                AuditProblemKind.Missing,
                $"{Range(place, place + removed - 1)} missing, and the entries behind them have new numbers.");
        }

        return Broken(
            AuditProblemKind.Altered,
            $"Entry {Number(place)} does not match its hash: this entry was changed, or the one before it together with its hash.");
    }

    private async Task<AuditRow?> FindMovedAsync(AuditRow row, CancellationToken cancellationToken)
    {
        for (var position = row.Sequence; ;)
        {
            var page = await ReadAsync(position, Page, cancellationToken).ConfigureAwait(false);
            foreach (var other in page)
            {
                var hash = AuditChain.Hash(_previous, other with { Sequence = row.Sequence });
                if (hash == other.Hash || hash == row.Hash) return other;
                position = other.Sequence;
            }

            if (page.Count < Page) return null;
        }
    }

    private static bool Follows(AuditRow before, AuditRow row) => row.Hash == AuditChain.Hash(before.Hash, row);

    private async Task<AuditRow?> FindNextAsync(long after, CancellationToken cancellationToken) =>
        await ReadAsync(after, 1, cancellationToken).ConfigureAwait(false) is [var row] ? row : null;

    private Task<IReadOnlyList<AuditRow>> ReadAsync(long after, int limit, CancellationToken cancellationToken) =>
        store.ReadAsync(connection => AuditTable.Read(connection, after, null, limit), cancellationToken);

    private AuditVerification Broken(AuditProblemKind kind, string problem, long? first = null) =>
        new(_entries, first ?? _entries + 1, problem, _previous) { Kind = kind };

    private static string Range(long first, long last, string one = "is", string many = "are") => first == last
        ? $"Entry {Number(first)} {one}"
        : $"Entries {Number(first)} to {Number(last)} {many}";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
