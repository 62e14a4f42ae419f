using System.Runtime.CompilerServices;

namespace MlOps.Sdk.Storage;

/// <summary>All pages of a list.</summary>
internal static class ObjectListing
{
    /// <exception cref="MlOpsException">The store gives a page twice, or an object without the prefix.</exception>
    public static async IAsyncEnumerable<StoredObject> AllAsync(
        this IObjectStore store, string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pages = new HashSet<string>(StringComparer.Ordinal);
        string? next = null;
        do
        {
            var page = await store.ListAsync(prefix, next, cancellationToken).ConfigureAwait(false);
            foreach (var stored in page.Objects)
            {
                if (stored.ETag.Length == 0 || stored.Size < 0 || !stored.Key.StartsWith(prefix, StringComparison.Ordinal))
                {
                    throw Broken(store, "lists an object without an ETag, of a negative size, or with a key without the prefix");
                }
                yield return stored;
            }

            next = page.Next;
            if (next is not null && !pages.Add(next)) throw Broken(store, "gives the same page of its list again and again");
        }
        while (next is not null);
    }

    private static MlOpsException Broken(IObjectStore store, string how) => new(
        $"The object store {how}.", "Test the store with ObjectStoreContract, which the package MlOps.Sdk.Testing has.")
    {
        DataSource = store.Name,
        Plugin = store.GetType().FullName,
    };
}
