using System.ComponentModel.DataAnnotations;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk;

/// <summary>Opens the database and the artifacts of a workspace.</summary>
internal static class WorkspaceOpening
{
    /// <summary>The file of the database within the folder: a folder without it is no workspace yet.</summary>
    public const string DatabaseFile = "mlops.db";

    /// <summary>Opens them; the folder is created when missing.</summary>
    /// <exception cref="MlOpsException">An option is out of its range, or the folder cannot be used.</exception>
    public static async Task<(RelationalStore Store, WorkspaceArtifacts Artifacts, string Id)> OpenAsync(
        WorkspaceOptions options, CancellationToken cancellationToken)
    {
        var mistakes = new List<ValidationResult>();
        if (!Validator.TryValidateObject(options, new ValidationContext(options), mistakes, validateAllProperties: true))
        {
            throw new MlOpsException(
                $"The workspace options are invalid: {string.Join(" ", mistakes.Select(mistake => mistake.ErrorMessage))}",
                "Correct them all, then open the workspace again.");
        }
        ReleaseReceiver.RequireFloor(options);
        var logger = RunLogger.Of(options.LoggerFactory, "MlOps.Sdk.Storage");
        try
        {
            PrivateFiles.CreateFolder(options.Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new MlOpsException(
                $"The workspace folder cannot be created: {e.Message}",
                "Choose a folder that this process may write to.",
                e) { DataSource = options.Path };
        }

        var store = await RelationalStore.OpenAsync(
            Path.Combine(options.Path, DatabaseFile), options.Time, logger, cancellationToken).ConfigureAwait(false);
        try
        {
            var artifacts = options.Artifacts
                ?? new FileArtifactStore(Path.Combine(options.Path, "artifacts"), options.Time, logger);
            var id = await new IdentityTable(store).ReadAsync(cancellationToken).ConfigureAwait(false);
            return (store, new WorkspaceArtifacts(artifacts, new ArtifactReferences(store)), id);
        }
        catch
        {
            await store.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
