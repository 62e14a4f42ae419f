using System.Runtime.CompilerServices;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Audit;

/// <summary>Reads entries with the hash of the one before, as others verify them.</summary>
internal static class AuditChainReading
{
    private const int Page = 1_000;

    /// <summary>All entries, in order.</summary>
    public static async IAsyncEnumerable<(AuditRow Entry, string Previous)> ReadChainAsync(
        this RelationalStore store, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (after, previous) = (0L, "");
        while (true)
        {
            var position = after;
            var page = await store.ReadAsync(
                connection => AuditTable.Read(connection, position, null, Page), cancellationToken).ConfigureAwait(false);
            foreach (var row in page)
            {
                yield return (row, previous);
                (after, previous) = (row.Sequence, row.Hash);
            }

            if (page.Count < Page) yield break;
        }
    }

    /// <summary>The entries about subjects, each once and in order.</summary>
    /// <param name="store">Where they are.</param>
    /// <param name="subjects">Subjects; one that ends with a slash means all below it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async IAsyncEnumerable<(AuditRow Entry, string Previous)> ReadAboutAsync(
        this RelationalStore store, IReadOnlyList<string> subjects, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var found = await store.ReadAsync(
            connection => subjects.SelectMany(subject => subject.EndsWith('/')
                ? AuditTable.ReadBelow(connection, subject)
                : AuditTable.ReadAbout(connection, subject)).ToList(),
            cancellationToken).ConfigureAwait(false);
        foreach (var entry in found.DistinctBy(entry => entry.Entry.Sequence).OrderBy(entry => entry.Entry.Sequence)) yield return entry;
    }

    /// <summary>What is wrong with an entry; <see langword="null"/> when it has the hash of its content and its predecessor.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="previous">The hash of the one before, as it is said.</param>
    /// <param name="before">The entry that was read before; <see langword="null"/> for none.</param>
    public static string? FindProblem(AuditRow entry, string previous, AuditRow? before) =>
        AuditChain.Hash(previous, entry) != entry.Hash ? $"Entry {entry.Sequence} does not match its hash."
        : before is not null && entry.Sequence <= before.Sequence ? $"Entry {entry.Sequence} is not in order."
        : before is not null && entry.Sequence == before.Sequence + 1 && previous != before.Hash
            ? $"Entry {entry.Sequence} does not follow entry {before.Sequence}."
        : null;
}
