using MlOps.Sdk.Deployment;
using MlOps.Sdk.MLNet;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk;

/// <summary>Takes in model files of ML.NET.</summary>
public static class MicrosoftMLImportExtensions
{
    /// <summary>
    /// Imports a model file of ML.NET unchanged: the assemblies that it requests are checked before anything is loaded, its input
    /// columns are compared with the declared rows, and it is judged on them, registered, and goes live when it passes. The label need not
    /// be there when it serves. Binary scores without a probability are calibrated on half of the declared rows and judged on the others.
    /// </summary>
    /// <param name="models">
    /// The registry of an open workspace that reads models of ML.NET: <c>UseMicrosoftML</c> says which assemblies are allowed.
    /// </param>
    /// <param name="name">The model's name: the lifecycle of that name, if there is one, challenges it.</param>
    /// <param name="path">The file, as <c>mlContext.Model.Save</c> writes it with the schema of its input.</param>
    /// <param name="import">Says what the model solves and which rows it is judged on.</param>
    /// <param name="cancellationToken">Cancels the import until it is promoted: then it goes live, too.</param>
    /// <exception cref="ConcurrencyException">Another version was promoted meanwhile, and this one was not: import it again.</exception>
    /// <exception cref="MlOpsException">
    /// The file is missing, damaged, or requests an assembly that is not allowed; it does not fit the rows; or no rows were declared.
    /// </exception>
    public static async Task<ImportedMicrosoftMLModel> ImportMicrosoftMLAsync(
        this ModelRegistry models,
        string name,
        string path,
        Action<ModelImport> import,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var file = new ZipImport(path);
        var imported = await models.ImportAsync(name, file.LoadAsync, import, cancellationToken).ConfigureAwait(false);
        return new ImportedMicrosoftMLModel(imported, file.Signature, file.Serving, file.WrittenBy);
    }

    /// <summary>
    /// Imports a model file of ML.NET when the host starts, as <see cref="ImportMicrosoftMLAsync"/> does, and serves it when it passes. A
    /// file that changes is a challenger, whether it was written or renamed; one that cannot be imported leaves what is live as it is.
    /// </summary>
    /// <param name="endpoint">The endpoint; the host reads models of ML.NET (<c>AddMicrosoftML</c>).</param>
    /// <param name="path">The file.</param>
    /// <param name="import">Says what the model solves and which rows it is judged on; without rows it is rejected here.</param>
    /// <param name="watch">Whether a changed file is imported, too.</param>
    /// <exception cref="MlOpsException">The problem or the rows to judge on are missing.</exception>
    public static EndpointBuilder FromMicrosoftMLFile(
        this EndpointBuilder endpoint,
        string path,
        Action<ModelImport> import,
        bool watch = false)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return endpoint.FromFile(
            path, (context, cancellationToken) => new ZipImport(path).LoadAsync(context, cancellationToken), import, watch);
    }
}
