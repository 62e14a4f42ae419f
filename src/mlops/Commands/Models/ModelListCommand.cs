using System.CommandLine;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Tool;

/// <summary>Lists the models with the version that is live.</summary>
internal sealed class ModelListCommand : WorkspaceCommand
{
    private readonly Option<string?> _tag = new("--tag")
    {
        Description = "Only models that have this tag: its name, or name=value.",
        HelpName = "tag",
    };

    public ModelListCommand()
        : base("list", "List the models and the version of each that is live.") => Add(_tag);

    public override IReadOnlyList<string> Examples => ["mlops models list", "mlops models list --tag team=retention --json"];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        List<ModelSummary> models = [];
        foreach (var name in await NamesAsync(workspace, invocation.Get(_tag), cancellationToken).ConfigureAwait(false))
        {
            var versions = await workspace.Models.ListAsync(name, cancellationToken).ConfigureAwait(false);
            var aliases = await workspace.Models.AliasesAsync(name, cancellationToken).ConfigureAwait(false);
            var live = aliases.FirstOrDefault(alias => alias.Alias == ModelRegistry.Champion);
            var latest = versions.MaxBy(version => version.Version);
            models.Add(new ModelSummary(name, live?.Version, live?.At, versions.Count, latest?.Version, latest?.CreatedAt));
        }
        invocation.Show(new ModelList(models), ToolJson.Default.ModelList, list => Show(invocation.Terminal, list));
        return ExitCode.Done;
    }

    private static Task<IReadOnlyList<string>> NamesAsync(Workspace workspace, string? tag, CancellationToken cancellationToken)
    {
        if (tag is null) return workspace.Models.ModelsAsync(cancellationToken);
        var sign = tag.IndexOf('=', StringComparison.Ordinal);
        return sign < 0
            ? workspace.Models.FindModelsAsync(tag, null, cancellationToken)
            : workspace.Models.FindModelsAsync(tag[..sign], tag[(sign + 1)..], cancellationToken);
    }

    private static void Show(Terminal terminal, ModelList list)
    {
        if (list.Models.Count == 0)
        {
            terminal.Line("No models were found.");
            return;
        }
        var table = new TextTable("model", "live#", "since (UTC)", "versions#", "latest#", "registered (UTC)");
        foreach (var model in list.Models)
        {
            table.Add(
                model.Name,
                model.LiveVersion is { } live ? Shown.Number(live) : null,
                Shown.Moment(model.LiveSince),
                Shown.Number(model.Versions),
                model.LatestVersion is { } latest ? Shown.Number(latest) : null,
                Shown.Moment(model.LatestAt));
        }
        terminal.Table(table);
    }
}
