namespace MlOps.Sdk.Storage;

/// <summary>An object in a cloud's object store.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="StoredAt">When it was last written, by the clock of the store.</param>
internal sealed record StoredObject(string Key, long Size, DateTimeOffset StoredAt);
