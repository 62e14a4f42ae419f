using System.Text;

namespace MlOps.Sdk.Storage;

/// <summary>The objects in a place of a cloud's object store, for tables that are read and written. Thread-safe.</summary>
/// <param name="place">The place.</param>
/// <param name="times">How long calls may take.</param>
internal sealed class PlaceObjects(IObjectPlace place, ObjectStoreTimes times)
{
    private readonly ObjectCalls _calls = new(place, times.Call);

    public bool CanKeep(string key) => ObjectKey.IsValid(key) && Encoding.UTF8.GetByteCount(key) <= place.MostKeyBytes;

    public async ValueTask<ObjectPage> ListAsync(string prefix, string? page, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        var (objects, next) = await PassingAsync(_calls.CallAsync(
            end => place.ListAsync(prefix, page, end), prefix, "The objects cannot be listed", cancellationToken)).ConfigureAwait(false);
        return new ObjectPage(objects, string.IsNullOrEmpty(next) ? null : next);
    }

    public async ValueTask<Stream> OpenAsync(StoredObject stored, long from, long length, CancellationToken cancellationToken)
    {
        ObjectKey.CheckRange(stored, from, length);
        var stream = await PassingAsync(_calls.CallAsync(
            end => place.OpenAsync(stored.Key, new ObjectRange(from, length, stored.ETag), end), stored.Key, Problem, cancellationToken))
            .ConfigureAwait(false);
        return stream is null
            ? throw ObjectChange.Gone(place.AddressOf(stored.Key))
            : new PlaceStream(stream, length, _calls, stored.Key, Problem);
    }

    public async ValueTask<StoredObject> PutAsync(string key, Stream content, CancellationToken cancellationToken)
    {
        ObjectKey.Checked(key, nameof(key), place.MostKeyBytes);
        ArgumentNullException.ThrowIfNull(content);
        var spooled = await SpooledContent.ReadAsync(content, cancellationToken).ConfigureAwait(false);
        await using (spooled.ConfigureAwait(false))
        {
            return await PassingAsync(_calls.CallAsync(
                end => place.UploadAsync(key, spooled.Content, spooled.Hash, end),
                key,
                "The object cannot be stored",
                cancellationToken,
                times.Transfer)).ConfigureAwait(false);
        }
    }

    public async ValueTask<bool> DeleteAsync(string key, CancellationToken cancellationToken)
    {
        ObjectKey.Checked(key, nameof(key), place.MostKeyBytes);
        return await PassingAsync(_calls.CallAsync(
            end => place.DeleteAsync(key, end), key, "The object cannot be deleted", cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>What may pass by itself, as those who repeat calls recognize it.</summary>
    internal static async Task<T> PassingAsync<T>(Task<T> call)
    {
        try
        {
            return await call.ConfigureAwait(false);
        }
        catch (MlOpsException e) when (e.InnerException is TimeoutException)
        {
            throw new TimeoutException(e.Message, e);
        }
        catch (MlOpsException e) when (e.InnerException is IOException)
        {
            throw new IOException(e.Message, e);
        }
    }

    private const string Problem = "The object cannot be read";
}
