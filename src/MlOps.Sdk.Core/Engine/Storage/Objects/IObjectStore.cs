namespace MlOps.Sdk.Storage;

/// <summary>
/// Where files are kept under keys: a bucket of S3, a container of Azure Blob Storage, a folder. Tables are read from it with
/// <c>FromObjects</c> and written to it. Implementations are thread-safe, and safe against other processes on the same store.
/// </summary>
/// <remarks>
/// What may pass by itself (no network, a store that is not able to answer now) is an <see cref="IOException"/> or a
/// <see cref="TimeoutException"/>, which reading repeats; what does not is an <see cref="MlOpsException"/> that says what to do. Messages
/// have no secrets.
/// </remarks>
public interface IObjectStore
{
    /// <summary>A name for messages and lineage, for example <c>s3://bucket</c>; without secrets.</summary>
    string Name { get; }

    /// <summary>A part of the list of the objects whose keys begin with a text. The order does not matter.</summary>
    /// <param name="prefix">What the keys begin with; empty for all.</param>
    /// <param name="page"><see cref="ObjectPage.Next"/> of the part before; <see langword="null"/> for the first.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="IOException">The store cannot answer now.</exception>
    /// <exception cref="TimeoutException">The store does not answer in time.</exception>
    /// <exception cref="MlOpsException">The store rejects the call.</exception>
    ValueTask<ObjectPage> ListAsync(string prefix, string? page = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Opens a range of an object. What is read is of the content with the <see cref="StoredObject.ETag"/> that is given: where the object
    /// is another one by now, opening or reading fails.
    /// </summary>
    /// <param name="stored">The object, as it was listed or written.</param>
    /// <param name="from">The first byte.</param>
    /// <param name="length">The number of bytes, above 0; all of them are in the object.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <returns>The bytes, read once from the first to the last.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The range is not in the object.</exception>
    /// <exception cref="IOException">The store cannot answer now.</exception>
    /// <exception cref="TimeoutException">The store does not answer in time.</exception>
    /// <exception cref="MlOpsException">The object has changed or is gone, or the store rejects the call.</exception>
    ValueTask<Stream> OpenAsync(StoredObject stored, long from, long length, CancellationToken cancellationToken = default);

    /// <summary>
    /// Stores an object under a key, over one that is there: others see the whole object at once. Nothing is left of one that fails or is
    /// cancelled.
    /// </summary>
    /// <param name="key">
    /// The key: folders and a name, separated by <c>/</c>, without <c>.</c>, <c>..</c>, backslashes and control characters.
    /// </param>
    /// <param name="content">What is stored, from its position to its end; not disposed of.</param>
    /// <param name="cancellationToken">Cancels the storing.</param>
    /// <exception cref="ArgumentException">The key is not one.</exception>
    /// <exception cref="IOException">The store cannot answer now.</exception>
    /// <exception cref="TimeoutException">The store does not answer in time.</exception>
    /// <exception cref="MlOpsException">The store rejects the call.</exception>
    ValueTask<StoredObject> PutAsync(string key, Stream content, CancellationToken cancellationToken = default);

    /// <summary>Removes an object.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="ArgumentException">The key is not one.</exception>
    /// <exception cref="IOException">The store cannot answer now.</exception>
    /// <exception cref="TimeoutException">The store does not answer in time.</exception>
    /// <exception cref="MlOpsException">The store rejects the call.</exception>
    ValueTask<bool> DeleteAsync(string key, CancellationToken cancellationToken = default);
}
