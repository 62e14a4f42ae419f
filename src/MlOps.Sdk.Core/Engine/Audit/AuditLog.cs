using System.Data.Common;
using System.Runtime.CompilerServices;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Audit;

/// <summary>
/// The log of who did what, when and why. Entries are only added, and each one's hash covers all before it,
/// so that a change, a removal or an insertion shows. Thread-safe.
/// </summary>
public sealed class AuditLog
{
    private const int Page = 1000;

    private readonly RelationalStore _store;

    internal AuditLog(RelationalStore store) => _store = store;

    /// <summary>Streams the entries in the order in which they were written.</summary>
    /// <param name="after">Only entries after this <see cref="AuditEntry.Sequence"/>.</param>
    /// <param name="subject">Only entries about this subject.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async IAsyncEnumerable<AuditEntry> ReadAsync(
        long after = 0, string? subject = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var position = after;
            var page = await _store.ReadAsync(
                connection => AuditTable.Read(connection, position, subject, Page),
                cancellationToken).ConfigureAwait(false);
            foreach (var row in page)
            {
                after = row.Sequence;
                yield return ToEntry(row);
            }

            if (page.Count < Page) yield break;
        }
    }

    /// <summary>
    /// Computes every hash again, and compares the entries with what they are about: the versions, attestations, aliases with their
    /// history, and the looks at holdouts must be those that were entered.
    /// </summary>
    /// <param name="knownHead">
    /// A <see cref="AuditVerification.HeadHash"/> that was kept outside the workspace: it must still be in the log.
    /// </param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<AuditVerification> VerifyAsync(string? knownHead = null, CancellationToken cancellationToken = default)
    {
        // The end is read before the entries: what is appended meanwhile is not missed, it is not yet expected.
        var end = await _store.ReadAsync(AuditTable.Head, cancellationToken).ConfigureAwait(false);
        var previous = "";
        var entries = 0L;
        var knownHeadSeen = string.IsNullOrEmpty(knownHead);
        var endSeen = end is null;
        while (true)
        {
            var position = entries;
            var page = await _store.ReadAsync(
                connection => AuditTable.Read(connection, position, null, Page),
                cancellationToken).ConfigureAwait(false);
            foreach (var row in page)
            {
                if (row.Sequence != entries + 1) return Broken($"Entry {entries + 1} is missing.");
                if (row.Hash != AuditChain.Hash(previous, row))
                {
                    return Broken($"Entry {row.Sequence} does not match its hash: this entry or an earlier one was changed.");
                }
                if (row.Sequence == end?.Sequence) endSeen = row.Hash == end.Hash;
                previous = row.Hash;
                entries = row.Sequence;
                knownHeadSeen |= previous == knownHead;
            }

            if (page.Count < Page) break;
        }

        if (!endSeen) return Broken("Entries were removed from the end of the log, or rewritten.");
        if (!knownHeadSeen)
        {
            return Broken("The known hash is not in the log: the log was rewritten, or its end was removed.");
        }
        var difference = await _store.ReadAsync(FindDifference, cancellationToken).ConfigureAwait(false);
        return difference is null
            ? new AuditVerification(entries, null, null, previous)
            : new AuditVerification(entries, difference.Entry, $"The records do not agree with the log: {difference.Problem}", previous);

        AuditVerification Broken(string problem) => new(entries, entries + 1, problem, previous);
    }

    /// <summary>That a retraining was requested, by whom and why.</summary>
    internal const string RetrainingRequested = "retraining.requested";

    /// <summary>That a table was scored: by which version, from where, and where to.</summary>
    internal const string TableScored = "model.scored";

    internal Task<AuditEntry> AppendAsync(
        string actor, string action, string subject, string details, CancellationToken cancellationToken = default) =>
        _store.WriteAsync(connection => Append(connection, _store.Clock, actor, action, subject, details), cancellationToken);

    /// <summary>Appends inside the caller's write, so that the deed and its entry are one commit.</summary>
    internal static AuditEntry Append(
        DbConnection connection, TimeProvider clock, string actor, string action, string subject, string details) =>
        Append(connection, clock.GetUtcNow(), actor, action, subject, details);

    /// <summary>Appends inside the caller's write, with the time that stamps the deed.</summary>
    internal static AuditEntry Append(
        DbConnection connection, DateTimeOffset at, string actor, string action, string subject, string details)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(actor);
        ArgumentException.ThrowIfNullOrWhiteSpace(action);
        ArgumentException.ThrowIfNullOrWhiteSpace(subject);
        var head = AuditTable.Head(connection);
        var row = new AuditRow
        {
            Sequence = (head?.Sequence ?? 0) + 1,
            At = at.UtcTicks,
            Actor = actor,
            Action = action,
            Subject = subject,
            Details = details,
        };
        row = row with { Hash = AuditChain.Hash(head?.Hash ?? "", row) };
        AuditTable.Insert(connection, row);
        return ToEntry(row);
    }

    private static Difference? FindDifference(DbConnection connection) =>
        AuditedModel.Models(connection)
            .Select(model => AuditedModel.Read(connection, model).Compare(connection))
            .Concat(AuditedLooks.Lifecycles(connection)
                .Select(lifecycle => AuditedLooks.Compare(connection, lifecycle, HoldoutTable.Read(connection, lifecycle))))
            .FirstOrDefault(difference => difference is not null);

    private static AuditEntry ToEntry(AuditRow row) =>
        StoredRecord.Read(
            $"audit entry {row.Sequence}",
            () => new AuditEntry(row.Sequence, Ticks.ToTime(row.At), row.Actor, row.Action, row.Subject, row.Details, row.Hash));
}
