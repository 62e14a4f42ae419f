namespace MlOps.Sdk.Collection;

/// <summary>A file of which only what is needed is fetched.</summary>
internal interface IRangedFile
{
    /// <summary>Says that a range is read next, so that it is fetched at once, and nothing behind it.</summary>
    void Expect(long from, long length);
}
