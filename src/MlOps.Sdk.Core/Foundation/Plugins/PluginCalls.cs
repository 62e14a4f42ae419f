namespace MlOps.Sdk.Plugins;

/// <summary>
/// Which plug-ins of a run are running, so that one that does not end can be named. It follows the run through its tasks and threads.
/// Thread-safe.
/// </summary>
internal sealed class PluginCalls
{
    private static readonly AsyncLocal<PluginCalls?> Current = new();
    private readonly Lock _lock = new();
    private readonly List<Call> _running = [];

    /// <summary>What is in progress, in the order in which it was called.</summary>
    public IReadOnlyList<string> Running
    {
        get
        {
            lock (_lock) return [.. _running.Select(call => call.Name)];
        }
    }

    /// <summary>Follows what the calling method, and whatever it awaits, calls from here on.</summary>
    public void Follow() => Current.Value = this;

    /// <summary>Says that a plug-in is called, until what is returned is disposed of. Outside of a run, nobody listens.</summary>
    /// <param name="kind">What it is, such as <c>trainer</c>.</param>
    /// <param name="name">Its name.</param>
    public static IDisposable? Enter(string kind, string name) => Current.Value?.Add($"{kind} '{name}'");

    private Call Add(string name)
    {
        var call = new Call(this, name);
        lock (_lock) _running.Add(call);
        return call;
    }

    private sealed class Call(PluginCalls calls, string name) : IDisposable
    {
        public string Name => name;

        public void Dispose()
        {
            lock (calls._lock) calls._running.Remove(this);
        }
    }
}
