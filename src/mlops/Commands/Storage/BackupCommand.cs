using System.CommandLine;

namespace MlOps.Sdk.Tool;

/// <summary>Copies the database of a workspace that may be in use.</summary>
internal sealed class BackupCommand : ToolCommand
{
    private readonly Argument<string> _file = new("file") { Description = "The file to write; it must not exist." };

    public BackupCommand()
        : base("backup", "Copy the database of a workspace that may be in use. Artifacts never change: copy their folder after it.") =>
        Add(_file);

    public override IReadOnlyList<string> Examples => ["mlops backup /backup/mlops.db"];

    public override async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var workspace = await invocation.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (workspace.ConfigureAwait(false))
        {
            var path = Path.GetFullPath(invocation.Get(_file));
            await invocation.Terminal.WorkAsync(
                "Copying the database",
                async _ =>
                {
                    await workspace.BackupAsync(path, cancellationToken: cancellationToken).ConfigureAwait(false);
                    return path;
                }).ConfigureAwait(false);
            var copy = new BackupFile(path, new FileInfo(path).Length);
            invocation.Show(
                copy,
                ToolJson.Default.BackupFile,
                shown => invocation.Terminal.Line($"The database was copied to {shown.Path} ({Shown.Size(shown.Size)})."));
        }

        return ExitCode.Done;
    }
}
