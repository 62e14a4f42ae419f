namespace MlOps.Sdk.Storage;

/// <summary>A range of an object.</summary>
/// <param name="From">The first byte.</param>
/// <param name="Length">The number of bytes; <see langword="null"/> for all that follow.</param>
/// <param name="ETag">The content that is wanted; <see langword="null"/> for what is there.</param>
internal sealed record ObjectRange(long From, long? Length = null, string? ETag = null)
{
    /// <summary>Whether the content that a store answers with is the one that is wanted.</summary>
    public bool Accepts(string? etag) => ETag is null || ETagText(etag) == ETag;

    /// <summary>An ETag as it is compared: without the quotes that headers have and lists do not always.</summary>
    public static string ETagText(string? etag) => (etag ?? "").Trim('"');
}
