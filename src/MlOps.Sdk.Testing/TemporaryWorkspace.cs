namespace MlOps.Sdk.Testing;

/// <summary>A workspace in its own folder, which is deleted with it. Not thread-safe; the workspace inside is.</summary>
public sealed class TemporaryWorkspace : IAsyncDisposable
{
    private readonly Action<WorkspaceOptions>? _configure;

    private TemporaryWorkspace(string path, Action<WorkspaceOptions>? configure, Workspace workspace)
    {
        Path = path;
        _configure = configure;
        Workspace = workspace;
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The workspace; another one after <see cref="ReopenAsync"/>.</summary>
    public Workspace Workspace { get; private set; }

    /// <summary>Opens a workspace in a new folder below the system's folder for temporary files.</summary>
    /// <param name="configure">Sets further options, for example the clock or the readers of plug-ins.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    public static async Task<TemporaryWorkspace> OpenAsync(
        Action<WorkspaceOptions>? configure = null,
        CancellationToken cancellationToken = default)
    {
        var path = Directory.CreateTempSubdirectory("mlops-testing-").FullName;
        try
        {
            return new TemporaryWorkspace(path, configure, await OpenAsync(path, configure, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            Directory.Delete(path, recursive: true);
            throw;
        }
    }

    /// <summary>Closes the workspace and opens it again, as the next process would find it.</summary>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <returns>The workspace.</returns>
    public async Task<Workspace> ReopenAsync(CancellationToken cancellationToken = default)
    {
        await Workspace.DisposeAsync().ConfigureAwait(false);
        return Workspace = await OpenAsync(Path, _configure, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes the workspace and deletes the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        await Workspace.DisposeAsync().ConfigureAwait(false);
        if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
    }

    private static Task<Workspace> OpenAsync(string path, Action<WorkspaceOptions>? configure, CancellationToken cancellationToken) =>
        Workspace.OpenAsync(
            path,
            options =>
            {
                options.Actor = "test";
                configure?.Invoke(options);
            },
            cancellationToken);
}
