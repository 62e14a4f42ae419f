using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Collection;

/// <summary>An object of a lake that is read.</summary>
/// <param name="Stored">The object.</param>
/// <param name="Format">How it is read.</param>
/// <param name="Partition">The columns that its folders are named after, with their values.</param>
internal sealed record LakeObject(StoredObject Stored, ObjectFormat Format, IReadOnlyList<(string Column, string? Value)> Partition)
{
    public string Key => Stored.Key;

    /// <summary>What identifies its content.</summary>
    public string Version { get; } = ObjectContent.VersionOf(Stored).Value;

    /// <summary>The source of its rows.</summary>
    public IFileSource Open(IObjectStore store) => Format.Open(new ObjectContent(store, Stored), Key, Partition);
}
