namespace MlOps.Sdk.AspNetCore;

/// <summary>The memory that bodies may take together, whatever the number of connections and of requests on each. Thread-safe.</summary>
internal sealed class BodyMemory(long most)
{
    private long _taken;

    /// <summary>The most bytes.</summary>
    public long Most => most;

    /// <summary>How much is taken now, in bytes.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <exception cref="Rejection">There is not so much left.</exception>
    public void Take(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= most) return;
        Give(bytes);
        throw Rejection.Busy();
    }

    public void Give(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
