namespace MlOps.Sdk.Storage;

/// <summary>
/// Objects under keys in a cloud's object store, as artifacts and tables need them. Exceptions are those of the cloud's client.
/// Implementations are thread-safe.
/// </summary>
internal interface IObjectPlace
{
    /// <summary>The most bytes of a key in UTF-8. Default: no limit but that of <see cref="ObjectKey"/>, in characters.</summary>
    int MostKeyBytes => int.MaxValue;

    /// <summary>The address of an object, or of the place, as it may stand in a message: without keys, tokens and signatures.</summary>
    string AddressOf(string key);

    /// <summary>Stores an object under a key, over one that is there. Nothing is left of one that fails or is cancelled.</summary>
    /// <param name="key">The key.</param>
    /// <param name="content">Can be read from any position; not disposed.</param>
    /// <param name="sha256">The hash of the content.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The object as it is stored.</returns>
    Task<StoredObject> UploadAsync(string key, Stream content, ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken);

    /// <summary>Opens an object; <see langword="null"/> where there is none.</summary>
    /// <param name="key">The key.</param>
    /// <param name="range">The range.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">The object has another content than the one that is wanted.</exception>
    Task<Stream?> OpenAsync(string key, ObjectRange range, CancellationToken cancellationToken);

    /// <summary>Looks an object up; <see langword="null"/> where there is none.</summary>
    Task<StoredObject?> FindAsync(string key, CancellationToken cancellationToken);

    /// <summary>Removes an object.</summary>
    /// <returns>Whether there was one.</returns>
    Task<bool> DeleteAsync(string key, CancellationToken cancellationToken);

    /// <summary>A page of the objects whose keys begin with a prefix, and what asks for the next page.</summary>
    Task<(IReadOnlyList<StoredObject> Objects, string? Next)> ListAsync(string prefix, string? page, CancellationToken cancellationToken);

    /// <summary>What an exception of the client means; <see langword="null"/> where it is none of the store.</summary>
    ObjectFailure? Explain(Exception exception);
}
