namespace MlOps.Sdk.Tool;

/// <summary>Where the workspace is. The library would create one; the tool does not, or a wrong path would make a folder.</summary>
internal static class WorkspacePlace
{
    private const string DefaultFolder = ".mlops";

    /// <summary>The folder that a command line means.</summary>
    public static string Of(string? option, Terminal terminal) =>
        Path.GetFullPath(option is { Length: > 0 } ? option : terminal.Variable(SharedOptions.WorkspaceVariable) ?? DefaultFolder);

    /// <summary>Whether a folder is a workspace.</summary>
    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, WorkspaceOpening.DatabaseFile));

    /// <summary>Opens a workspace that is there.</summary>
    /// <exception cref="MlOpsException">It is not there, or cannot be opened.</exception>
    public static async Task<Workspace> OpenAsync(string folder, Action<WorkspaceOptions>? configure, CancellationToken cancellationToken)
    {
        if (!Exists(folder))
        {
            var inner = Path.Combine(folder, DefaultFolder);
            throw new MlOpsException(
                $"There is no workspace at '{folder}'.",
                Exists(inner)
                    ? $"Did you mean '{inner}'? Name it with --workspace or {SharedOptions.WorkspaceVariable}."
                    : $"Name its folder with --workspace or {SharedOptions.WorkspaceVariable}: the one that your application opens with " +
                        "Workspace.OpenAsync. A workspace is made by the first application that opens it.");
        }
        return await Workspace.OpenAsync(
            folder,
            options =>
            {
                options.UseMicrosoftML();
                configure?.Invoke(options);
            },
            cancellationToken).ConfigureAwait(false);
    }
}
