using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Storage;

/// <summary>An object in an object store, as it was when it was listed or written.</summary>
/// <param name="Key">Its key: folders and a name, separated by <c>/</c>.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="ETag">What identifies its content: another one for every content that is written under the key. Not empty.</param>
/// <param name="StoredAt">When it was last written, by the clock of the store.</param>
public sealed record StoredObject(string Key, long Size, string ETag, DateTimeOffset StoredAt)
{
    /// <summary>The record in a line, whatever the culture.</summary>
    public override string ToString() => RecordText.Of(this);
}
