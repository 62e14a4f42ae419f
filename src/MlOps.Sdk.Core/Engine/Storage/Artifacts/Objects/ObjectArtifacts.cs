using System.Runtime.CompilerServices;

namespace MlOps.Sdk.Storage;

/// <summary>
/// The artifacts in a place of an object store: <c>ab/cdef…</c> below a prefix. Thread-safe, and safe against other processes on the same
/// place.
/// </summary>
/// <param name="place">The place.</param>
/// <param name="prefix">What the keys begin with, without a slash at its end; may be empty.</param>
/// <param name="times">How long calls may take.</param>
internal sealed class ObjectArtifacts(IObjectPlace place, string prefix, ObjectStoreTimes times)
{
    private readonly string _root = prefix.Length == 0 ? "" : $"{prefix}/";
    private readonly ObjectCalls _calls = new(place, times.Call);

    public async Task<ArtifactInfo> PutAsync(Stream content, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        var spooled = await SpooledContent.ReadAsync(content, cancellationToken).ConfigureAwait(false);
        await using (spooled.ConfigureAwait(false)) return await UploadAsync(spooled, cancellationToken).ConfigureAwait(false);
    }

    public async Task<ArtifactInfo> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var spooled = SpooledContent.Of(content);
        await using (spooled.ConfigureAwait(false)) return await UploadAsync(spooled, cancellationToken).ConfigureAwait(false);
    }

    public async Task<Stream> OpenAsync(ArtifactId id, CancellationToken cancellationToken)
    {
        var stream = new ObjectStream(_calls, KeyOf(id), id);
        try
        {
            await stream.OpenAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return new VerifyingStream(stream, id, place.AddressOf(KeyOf(id)), VerifyingStream.ObjectRemedy);
    }

    public async Task<byte[]> ReadAllAsync(ArtifactId id, CancellationToken cancellationToken)
    {
        var key = KeyOf(id);
        return await _calls.CallAsync(ReadAsync, key, $"The artifact {id} cannot be read", cancellationToken, times.Transfer)
            .ConfigureAwait(false);

        async Task<byte[]> ReadAsync(CancellationToken end)
        {
            var stream = await OpenAsync(id, end).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                using var bytes = new MemoryStream();
                var buffer = new byte[81_920];
                int read;
                while ((read = await stream.ReadAsync(buffer, end).ConfigureAwait(false)) > 0)
                {
                    if (bytes.Length + read > Array.MaxLength)
                    {
                        throw new MlOpsException("The artifact is too large to be read at once.", "Open it as a stream.")
                        {
                            DataSource = place.AddressOf(key),
                        };
                    }
                    bytes.Write(buffer, 0, read);
                }

                return bytes.ToArray();
            }
        }
    }

    public async Task<ArtifactInfo?> FindAsync(ArtifactId id, CancellationToken cancellationToken)
    {
        var key = KeyOf(id);
        var found = await _calls.CallAsync(
            end => place.FindAsync(key, end), key, $"The artifact {id} cannot be looked up", cancellationToken).ConfigureAwait(false);
        return found is null ? null : new ArtifactInfo(id, found.Size, found.StoredAt);
    }

    public Task<bool> DeleteAsync(ArtifactId id, CancellationToken cancellationToken)
    {
        var key = KeyOf(id);
        return _calls.CallAsync(end => place.DeleteAsync(key, end), key, $"The artifact {id} cannot be deleted", cancellationToken);
    }

    public async IAsyncEnumerable<ArtifactInfo> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? next = null;
        do
        {
            var page = next;
            var (objects, following) = await _calls.CallAsync(
                end => place.ListAsync(_root, page, end), _root, "The artifacts cannot be listed", cancellationToken).ConfigureAwait(false);
            foreach (var found in objects)
            {
                if (IdOf(found.Key) is { } id) yield return new ArtifactInfo(id, found.Size, found.StoredAt);
            }

            next = following;
        }
        while (!string.IsNullOrEmpty(next));
    }

    /// <summary>The key of an artifact.</summary>
    internal string KeyOf(ArtifactId id) => $"{_root}{id.Hex[..2]}/{id.Hex[2..]}";

    // Others may keep objects beside them.
    private ArtifactId? IdOf(string key) =>
        key.Length == _root.Length + 65
            && key.StartsWith(_root, StringComparison.Ordinal)
            && key[_root.Length + 2] == '/'
            && ArtifactId.TryParse(string.Concat(key.AsSpan(_root.Length, 2), key.AsSpan(_root.Length + 3)), out var id)
                ? id
                : null;

    private async Task<ArtifactInfo> UploadAsync(SpooledContent spooled, CancellationToken cancellationToken)
    {
        var (id, key) = (spooled.Id, KeyOf(spooled.Id));
        var stored = await _calls.CallAsync(
            end => place.UploadAsync(key, spooled.Content, spooled.Hash, end),
            key,
            $"The artifact {id} cannot be stored",
            cancellationToken,
            times.Transfer).ConfigureAwait(false);
        return new ArtifactInfo(id, spooled.Size, stored.StoredAt);
    }
}
