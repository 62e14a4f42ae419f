namespace MlOps.Sdk.Monitoring;

/// <summary>
/// The shapes of the newest versions that were needed: a version never changes, and its package is large. Thread-safe.
/// </summary>
internal sealed class WindowShapes
{
    private const int Most = 16;

    private readonly SortedDictionary<int, WindowShape> _shapes = [];

    public WindowShape? Find(int version)
    {
        lock (_shapes) return _shapes.GetValueOrDefault(version);
    }

    /// <summary>Keeps a shape.</summary>
    /// <returns>The one that is kept of the version: this, or one that was kept before.</returns>
    public WindowShape Add(int version, WindowShape shape)
    {
        lock (_shapes)
        {
            if (_shapes.TryGetValue(version, out var known)) return known;
            _shapes.Add(version, shape);
            if (_shapes.Count > Most) _shapes.Remove(_shapes.Keys.First(other => other != version));
            return shape;
        }
    }
}
