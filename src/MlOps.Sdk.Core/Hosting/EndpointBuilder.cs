namespace MlOps.Sdk;

/// <summary>Says where the versions of an endpoint come from. Not thread-safe.</summary>
public sealed class EndpointBuilder
{
    private IModelFeed? _feed;

    internal EndpointBuilder(string model) => Model = model;

    /// <summary>The model's name.</summary>
    public string Model { get; }

    internal IModelFeed? Feed => _feed;

    /// <summary>Imports versions when the host starts and whenever they change; each is judged before it goes live.</summary>
    /// <param name="feed">Where they come from.</param>
    /// <exception cref="InvalidOperationException">Something else was named already.</exception>
    public EndpointBuilder From(IModelFeed feed)
    {
        ArgumentNullException.ThrowIfNull(feed);
        if (_feed is not null) throw new InvalidOperationException($"The versions of '{Model}' come from '{_feed.Name}' already.");
        _feed = feed;
        return this;
    }
}
