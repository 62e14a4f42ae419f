namespace MlOps.Sdk.Collection;

/// <summary>How objects with an extension are read. Thread-safe.</summary>
internal abstract class ObjectFormat
{
    /// <summary>Whether an object may have rows that are wanted, as its folders say; others are not opened. Default: all may.</summary>
    /// <param name="partition">The columns that the folders are named after, with their values.</param>
    public virtual bool MayMatch(IReadOnlyList<(string Column, string? Value)> partition) => true;

    /// <summary>Makes the source of an object.</summary>
    /// <param name="content">Its bytes.</param>
    /// <param name="key">Its key, for messages.</param>
    /// <param name="partition">The columns that its folders are named after, with their values.</param>
    public abstract IFileSource Open(IFileContent content, string key, IReadOnlyList<(string Column, string? Value)> partition);
}
