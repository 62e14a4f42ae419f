using System.Collections.Concurrent;

namespace MlOps.Sdk.Plugins;

/// <summary>
/// Calls of plug-ins that were left behind, so that nobody calls the same plug-in again meanwhile. A plug-in that comes from a container is
/// another instance at each check, so it is known by what it is and whose it is. Thread-safe.
/// </summary>
internal sealed class CallsLeftBehind
{
    private readonly ConcurrentDictionary<(string Model, string Kind, Type Type, string Name), Task> _running = [];

    /// <summary>Whether a call that was left behind has not returned yet.</summary>
    /// <param name="model">The model that it is called for.</param>
    /// <param name="kind">What the plug-in is, such as <c>rollout guard</c>.</param>
    /// <param name="type">Its type.</param>
    /// <param name="name">Its name.</param>
    public bool Has(string model, string kind, Type type, string name) => _running.ContainsKey((model, kind, type, name));

    /// <summary>Remembers a call until it has returned.</summary>
    /// <inheritdoc cref="Has"/>
    public void Add(string model, string kind, Type type, string name, Task call)
    {
        var key = KeyValuePair.Create((model, kind, type, name), call);
        _running[key.Key] = call;
        _ = RemoveAsync();

        async Task RemoveAsync()
        {
            await call.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _running.TryRemove(key);
        }
    }
}
