using System.Buffers;
using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text;
using MlOps.Sdk.Data;
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

    /// <summary>Streams the entries that a filter means, in the order in which they were written.</summary>
    /// <param name="filter">Which entries.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async IAsyncEnumerable<AuditEntry> ReadAsync(
        AuditFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        await foreach (var page in PagesAsync(filter, cancellationToken).ConfigureAwait(false))
        {
            foreach (var (row, _) in page) yield return ToEntry(row);
        }
    }

    /// <summary>
    /// Computes every hash again, and compares the entries with what they are about: the versions, attestations, aliases with their
    /// history, tags, descriptions, requests for approval, what people decided on them, who must approve, and the looks at holdouts must
    /// be those that were entered. Names the first entry that was altered, removed, moved or inserted, or where the end was cut off.
    /// </summary>
    /// <param name="knownHead">
    /// A <see cref="AuditVerification.HeadHash"/> that was kept outside the workspace: it must still be in the log.
    /// </param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException"><paramref name="knownHead"/> is no hash of an audit log.</exception>
    public Task<AuditVerification> VerifyAsync(string? knownHead = null, CancellationToken cancellationToken = default) =>
        VerifyAsync(new AuditVerifier(_store, null, RequireHash(knownHead), null), cancellationToken);

    /// <summary>A hash that somebody kept, as the log has it. A typing error is none of a forger.</summary>
    /// <exception cref="MlOpsException">It is no hash of an audit log.</exception>
    internal static string? RequireHash(string? knownHead)
    {
        if (string.IsNullOrEmpty(knownHead)) return knownHead;
        var hash = knownHead.Trim().ToLowerInvariant();
        return hash.Length == 64 && hash.All(char.IsAsciiHexDigitLower)
            ? hash
            : throw new MlOpsException(
                $"'{PrintableText.ShortenTo(PrintableText.Clean(knownHead), 80)}' is no hash of an audit log.",
                "Give the 64 hexadecimal digits of AuditVerification.HeadHash that were kept.") { IsOfCaller = true };
    }

    /// <summary>
    /// Verifies like <see cref="VerifyAsync(string?, CancellationToken)"/>, and that the log still begins with what it had when it was
    /// anchored. The memory does not depend on the length of the log.
    /// </summary>
    /// <param name="anchor">An anchor of <see cref="AnchorAsync"/>; <see langword="null"/> for none.</param>
    /// <param name="progress">Hears how many entries were verified; <see langword="null"/> for nobody.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<AuditVerification> VerifyAsync(
        AuditAnchor? anchor, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        if (anchor is not null)
        {
            var id = await new IdentityTable(_store).ReadAsync(cancellationToken).ConfigureAwait(false);
            if (anchor.WorkspaceId != id)
            {
                var problem = $"The anchor is of the workspace {anchor.WorkspaceId}, and this one is {id}.";
                return Told(new AuditVerification(0, null, problem, "")
                {
                    Kind = AuditProblemKind.Rewritten,
                });
            }
        }
        return await VerifyAsync(new AuditVerifier(_store, anchor, null, progress), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// How far the log has come, to be kept where those who can write to the workspace cannot: a ticket, another company's mailbox, a
    /// store that nothing can be deleted from. It takes the log as it is; <see cref="VerifyAsync(string?, CancellationToken)"/> before it.
    /// </summary>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<AuditAnchor> AnchorAsync(CancellationToken cancellationToken = default)
    {
        var id = await new IdentityTable(_store).ReadAsync(cancellationToken).ConfigureAwait(false);
        var head = await _store.ReadAsync(AuditTable.Head, cancellationToken).ConfigureAwait(false);
        return new AuditAnchor(id, head?.Sequence ?? 0, head?.Hash ?? "", _store.Clock.GetUtcNow().ToUniversalTime());
    }

    /// <summary>
    /// Writes the entries until now, with all that is needed to verify them without this library: docs/operations/audit.md has the recipe
    /// of the hash. The memory does not depend on the length of the log.
    /// </summary>
    /// <param name="to">Where to; it is not closed.</param>
    /// <param name="format">How.</param>
    /// <param name="filter">
    /// Which entries; <see langword="null"/> for all. Each can be verified with the hash before it, which it has; that none is missing
    /// between them shows only in an export of all.
    /// </param>
    /// <param name="cancellationToken">Cancels; what was written stays.</param>
    /// <returns>How many entries were written.</returns>
    /// <exception cref="ArgumentException">The stream cannot be written, or the format is not known.</exception>
    public async Task<long> ExportAsync(
        Stream to, AuditFormat format, AuditFilter? filter = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(to);
        if (!to.CanWrite) throw new ArgumentException("The stream cannot be written.", nameof(to));
        if (!Enum.IsDefined(format)) throw new ArgumentOutOfRangeException(nameof(format), format, "It is not a format of exports.");
        var buffer = new ArrayBufferWriter<byte>();
        if (format == AuditFormat.Csv) Encoding.UTF8.GetBytes(AuditExport.Headings, buffer);
        var count = 0L;
        await foreach (var page in PagesAsync(filter ?? new AuditFilter(), cancellationToken).ConfigureAwait(false))
        {
            foreach (var (row, previous) in page)
            {
                if (format == AuditFormat.Csv) AuditExport.WriteCsv(buffer, row, previous);
                else AuditExport.WriteJson(buffer, row, previous);
                count++;
            }

            await to.WriteAsync(buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
            buffer.ResetWrittenCount();
        }

        await to.WriteAsync(buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
        await to.FlushAsync(cancellationToken).ConfigureAwait(false);
        return count;
    }

    // Until the entry that is the newest when it begins: a busy log would never end.
    private async IAsyncEnumerable<IReadOnlyList<(AuditRow Entry, string Previous)>> PagesAsync(
        AuditFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var until = (await _store.ReadAsync(AuditTable.Head, cancellationToken).ConfigureAwait(false))?.Sequence ?? 0;
        for (var after = 0L; after < until;)
        {
            var position = after;
            var page = await _store.ReadAsync(
                connection => AuditTable.ReadWhere(
                    connection, position, until, filter.Subject, filter.Actor, filter.Action, filter.From?.UtcTicks, filter.To?.UtcTicks,
                    Page),
                cancellationToken).ConfigureAwait(false);
            if (page.Count > 0) yield return page;
            if (page.Count < Page) yield break;
            after = page[^1].Entry.Sequence;
        }
    }

    private async Task<AuditVerification> VerifyAsync(AuditVerifier verifier, CancellationToken cancellationToken)
    {
        var verification = await verifier.RunAsync(cancellationToken).ConfigureAwait(false);
        if (verification.IsIntact
            && await _store.ReadAsync(FindDifference, cancellationToken).ConfigureAwait(false) is { } difference)
        {
            verification = verification with
            {
                FirstBroken = difference.Entry,
                Problem = $"The records do not agree with the log: {difference.Problem}",
                Kind = AuditProblemKind.RecordDiffers,
            };
        }
        return Told(verification);
    }

    private AuditVerification Told(AuditVerification verification)
    {
        if (verification.Problem is { } problem)
        {
            VerificationLog.NotIntact(_store.Logger, _store.Path, verification.Kind, PrintableText.Clean(problem));
        }
        return verification;
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

    private static Difference? FindDifference(DbConnection connection)
    {
        var read = "models";
        try
        {
            foreach (var model in AuditedModel.Models(connection))
            {
                read = $"'{model}'";
                if (AuditedModel.Read(connection, model).Compare(connection) is { } difference) return difference;
            }

            read = "looks at holdouts";
            foreach (var lifecycle in AuditedLooks.Lifecycles(connection))
            {
                read = $"looks at the holdout of '{lifecycle}'";
                var looks = HoldoutTable.Read(connection, lifecycle);
                if (AuditedLooks.Compare(connection, lifecycle, looks) is { } difference) return difference;
            }

            return null;
        }
        catch (Exception e) when (e is MlOpsException || StoredRecord.IsDamage(e))
        {
            // A value of another type than the one that was written is a change like any other.
            return new Difference(null, $"a record of {read} cannot be read: {(e as MlOpsException)?.Problem ?? e.Message}");
        }
    }

    private static AuditEntry ToEntry(AuditRow row) =>
        StoredRecord.Read(
            $"audit entry {row.Sequence}",
            () => new AuditEntry(row.Sequence, Ticks.ToTime(row.At), row.Actor, row.Action, row.Subject, row.Details, row.Hash));
}
