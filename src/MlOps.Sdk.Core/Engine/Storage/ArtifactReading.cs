namespace MlOps.Sdk.Storage;

/// <summary>Reads artifacts that may be lost.</summary>
internal static class ArtifactReading
{
    /// <summary>Reads an artifact to its end.</summary>
    /// <returns>What is wrong with it, as a sentence; <see langword="null"/> when it is as it was put.</returns>
    public static async Task<string?> FindLossAsync(
        this IArtifactStore artifacts, ArtifactId id, CancellationToken cancellationToken = default) =>
        await ReadAsync(artifacts, id, Stream.Null, cancellationToken).ConfigureAwait(false);

    /// <summary>Reads a whole artifact.</summary>
    /// <returns>Its bytes, or what is wrong with it, as a sentence.</returns>
    /// <exception cref="MlOpsException">The store cannot be read: nobody knows whether the artifact is lost.</exception>
    public static async Task<(byte[] Bytes, string? Loss)> TryReadAllAsync(
        this IArtifactStore artifacts, ArtifactId id, CancellationToken cancellationToken = default)
    {
        using var bytes = new MemoryStream();
        var loss = await ReadAsync(artifacts, id, bytes, cancellationToken).ConfigureAwait(false);
        return (loss is null ? bytes.ToArray() : [], loss);
    }

    // What fails before everything was read tells of the store, and not of the artifact: a store that is slow has lost nothing.
    private static async Task<string?> ReadAsync(IArtifactStore artifacts, ArtifactId id, Stream to, CancellationToken cancellationToken)
    {
        var found = await artifacts.FindAsync(id, cancellationToken).ConfigureAwait(false);
        if (found is null) return $"The artifact {id} is missing.";
        var stream = await artifacts.OpenAsync(id, cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var (buffer, length) = (new byte[81_920], 0L);
            try
            {
                int read;
                while ((read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
                {
                    length += read;
                    await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                }

                return null;
            }
            catch (MlOpsException e) when (length >= found.Size)
            {
                return e.Problem;
            }
            catch (IOException e)
            {
                return $"The artifact {id} cannot be read: {e.Message}";
            }
        }
    }
}
