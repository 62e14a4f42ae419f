using MlOps.Sdk.Deployment;
using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>Says where the versions of an endpoint come from. Not thread-safe.</summary>
public sealed class EndpointBuilder
{
    private IModelFeed? _feed;

    internal EndpointBuilder(string model) => Model = model;

    /// <summary>The model's name.</summary>
    public string Model { get; }

    internal IModelFeed? Feed => _feed;

    /// <summary>
    /// Imports a file that somebody else writes when the host starts and, where changes are watched, whenever another file stands under the
    /// name. Each is judged before it goes live; one that cannot be imported leaves what is live as it is. A file that was imported before
    /// under the same declaration is not judged again, also when it was replaced since: declare something else, or call
    /// <see cref="ModelImportExtensions.ImportAsync"/>, to have it judged again.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="load">Loads the model from the file; its format must have a registered reader.</param>
    /// <param name="import">Says what the model solves and which rows it is judged on.</param>
    /// <param name="watch">Whether a changed file is imported, too.</param>
    /// <exception cref="MlOpsException">The problem or the rows to judge on are missing.</exception>
    /// <exception cref="InvalidOperationException">Something else was named already.</exception>
    public EndpointBuilder FromFile(
        string path,
        Func<ModelImportContext, CancellationToken, ValueTask<IRowModel>> load,
        Action<ModelImport> import,
        bool watch = false)
    {
        ArgumentNullException.ThrowIfNull(load);
        ArgumentNullException.ThrowIfNull(import);
        var declared = new ModelImport();
        import(declared);
        declared.Build(Model);
        return From(new ModelFileFeed(path, new FileImport(Model, path, load, import).RunAsync, watch));
    }

    /// <summary>Imports versions when the host starts and whenever they change; each is judged before it goes live.</summary>
    /// <param name="feed">Where they come from.</param>
    /// <exception cref="InvalidOperationException">Something else was named already.</exception>
    public EndpointBuilder From(IModelFeed feed)
    {
        ArgumentNullException.ThrowIfNull(feed);
        if (_feed is not null) throw new InvalidOperationException($"The versions of '{Model}' already come from '{_feed.Name}'.");
        _feed = feed;
        return this;
    }
}
