namespace MlOps.Sdk;

/// <summary>Carries a workspace, or a part of it, into another one.</summary>
public static class WorkspaceArchiveExtensions
{
    /// <summary>
    /// Writes runs, versions and what belongs to them into a file. The file appears when it is whole. Runs that are in progress are left
    /// out; nothing is collected as garbage meanwhile.
    /// </summary>
    /// <param name="workspace">The workspace.</param>
    /// <param name="path">The file; it must not exist.</param>
    /// <param name="selection">What is exported; <see langword="null"/> for everything.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellationToken">Cancels; then there is no file.</param>
    /// <exception cref="MlOpsException">
    /// The file exists or cannot be written, a run or a version does not exist, or an artifact is damaged.
    /// </exception>
    public static Task<ArchiveReport> ExportArchiveAsync(
        this Workspace workspace,
        string path,
        ArchiveSelection? selection = null,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return new ArchiveWriter(workspace, selection ?? ArchiveSelection.Everything, progress).WriteAsync(path, cancellationToken);
    }

    /// <summary>Writes runs, versions and what belongs to them into a stream, such as an upload.</summary>
    /// <param name="workspace">The workspace.</param>
    /// <param name="stream">Written to from where it is, not disposed of. What was written before a failure is no archive.</param>
    /// <param name="selection">What is exported; <see langword="null"/> for everything.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">A run or a version does not exist, or an artifact is damaged.</exception>
    public static Task<ArchiveReport> ExportArchiveAsync(
        this Workspace workspace,
        Stream stream,
        ArchiveSelection? selection = null,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(stream);
        return new ArchiveWriter(workspace, selection ?? ArchiveSelection.Everything, progress).WriteAsync(stream, cancellationToken);
    }

    /// <summary>
    /// Takes up what another workspace exported, and nothing twice: importing again adds nothing, and archives may overlap. The whole file
    /// is verified before anything is written; what fails later, or is killed, is completed by importing again. Aliases are not moved, and
    /// no version is blessed by it: what is live stays live.
    /// </summary>
    /// <param name="workspace">The workspace.</param>
    /// <param name="path">The file.</param>
    /// <param name="dryRun">Whether only to tell what would be added.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellationToken">Cancels; what was added stays.</param>
    /// <exception cref="MlOpsException">The file is no archive, is damaged, or is of a newer version of the library.</exception>
    public static async Task<ImportReport> ImportArchiveAsync(
        this Workspace workspace,
        string path,
        bool dryRun = false,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.Asynchronous);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MlOpsException(
                $"The archive cannot be read: {e.Message}", "Check the path and the permissions.", e) { DataSource = path };
        }
        await using (file.ConfigureAwait(false))
        {
            return await workspace.ImportArchiveAsync(file, dryRun, progress, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes up what another workspace exported, from a stream.</summary>
    /// <param name="workspace">The workspace.</param>
    /// <param name="stream">
    /// Read, and not disposed of. One that cannot be read from any position is first copied into a temporary file.
    /// </param>
    /// <param name="dryRun">Whether only to tell what would be added.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellationToken">Cancels; what was added stays.</param>
    /// <exception cref="MlOpsException">It is no archive, is damaged, or is of a newer version of the library.</exception>
    public static async Task<ImportReport> ImportArchiveAsync(
        this Workspace workspace,
        Stream stream,
        bool dryRun = false,
        IProgress<TransferProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(stream);
        if (stream.CanSeek)
        {
            return await ArchiveImport.RunAsync(workspace, stream, dryRun, progress, cancellationToken).ConfigureAwait(false);
        }
        var copy = Storage.TemporaryFile.Create();
        await using (copy.ConfigureAwait(false))
        {
            await stream.CopyToAsync(copy, cancellationToken).ConfigureAwait(false);
            copy.Position = 0;
            return await ArchiveImport.RunAsync(workspace, copy, dryRun, progress, cancellationToken).ConfigureAwait(false);
        }
    }
}
