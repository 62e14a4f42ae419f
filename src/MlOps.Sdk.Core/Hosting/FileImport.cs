using System.Security.Cryptography;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>
/// Imports what a file holds, once: a file that was imported under the same declaration is not judged again, as when a host starts again.
/// What came of it may have been replaced since, for a reason.
/// </summary>
/// <param name="model">The model's name.</param>
/// <param name="path">The file.</param>
/// <param name="load">Loads the model from the file.</param>
/// <param name="import">Says what the model solves and which rows it is judged on.</param>
internal sealed class FileImport(
    string model,
    string path,
    Func<ModelImportContext, CancellationToken, ValueTask<IRowModel>> load,
    Action<ModelImport> import)
{
    /// <summary>Imports the file, unless it was imported before.</summary>
    public async Task RunAsync(Workspace workspace, CancellationToken cancellationToken)
    {
        var declared = new ModelImport();
        import(declared);
        var declaration = declared.Fingerprint(model);
        var key = await KeyAsync(declaration, cancellationToken).ConfigureAwait(false);
        if (key is not null && await workspace.Models.FindByKeyAsync(model, key, cancellationToken).ConfigureAwait(false) is { } known)
        {
            HostLog.ImportedBefore(workspace.Logger, Path.GetFileName(path), model, known.Version);
            return;
        }

        var imported = await workspace.ImportAsync(model, declared, load, cancellationToken).ConfigureAwait(false);

        // Noted last: an import that was interrupted is done again. What was written while it was read is not what was imported.
        if (key is not null && key == await KeyAsync(declaration, cancellationToken).ConfigureAwait(false))
        {
            await workspace.Models.NoteKeyAsync(imported.Version, key, cancellationToken).ConfigureAwait(false);
        }
    }

    // A file that cannot be read is for the import to report.
    private async Task<string?> KeyAsync(string? declaration, CancellationToken cancellationToken)
    {
        if (declaration is null) return null;
        try
        {
            var file = File.OpenRead(path);
            await using (file.ConfigureAwait(false))
            {
                var hash = await SHA256.HashDataAsync(file, cancellationToken).ConfigureAwait(false);
                return $"file:{Convert.ToHexStringLower(hash)}:{declaration}";
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
