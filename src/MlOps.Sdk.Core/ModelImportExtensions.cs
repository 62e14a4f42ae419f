using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>Takes models in that were trained elsewhere.</summary>
public static class ModelImportExtensions
{
    /// <summary>
    /// Takes in a model that was trained elsewhere: it is packaged, judged on declared rows, registered with what every gate said, and goes
    /// live when it passes and, where a version is live already, is shown to be better on the same rows.
    /// </summary>
    /// <param name="models">The registry of an open workspace.</param>
    /// <param name="name">The model's name: the lifecycle of that name, if there is one, challenges it.</param>
    /// <param name="load">Loads the model; its format must have a registered reader.</param>
    /// <param name="import">Says what the model solves and which rows it is judged on.</param>
    /// <param name="cancellationToken">Cancels the import until it is promoted: then it goes live, too.</param>
    /// <exception cref="MlOpsException">Something is missing, the rows cannot be read, or the model does not fit them.</exception>
    /// <exception cref="ConcurrencyException">Others were promoted again and again while this was judged: import it again.</exception>
    public static Task<ImportedModel> ImportAsync(
        this ModelRegistry models,
        string name,
        Func<ModelImportContext, CancellationToken, ValueTask<IRowModel>> load,
        Action<ModelImport> import,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(load);
        ArgumentNullException.ThrowIfNull(import);
        var declared = new ModelImport();
        import(declared);
        return ((Workspace)models.Home!).ImportAsync(name, declared, load, cancellationToken);
    }
}
