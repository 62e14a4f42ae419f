using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Tool;

/// <summary>Lists the models with the version that is live.</summary>
internal sealed class ModelListCommand() : ToolCommand("list", "List the models and the version of each that is live.")
{
    public override IReadOnlyList<string> Examples => ["mlops models list", "mlops models list --json"];

    public override async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var workspace = await invocation.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (workspace.ConfigureAwait(false))
        {
            List<ModelSummary> models = [];
            foreach (var name in await workspace.Models.ModelsAsync(cancellationToken).ConfigureAwait(false))
            {
                var versions = await workspace.Models.ListAsync(name, cancellationToken).ConfigureAwait(false);
                var aliases = await workspace.Models.AliasesAsync(name, cancellationToken).ConfigureAwait(false);
                var live = aliases.FirstOrDefault(alias => alias.Alias == ModelRegistry.Champion);
                var latest = versions.MaxBy(version => version.Version);
                models.Add(new ModelSummary(name, live?.Version, live?.At, versions.Count, latest?.Version, latest?.CreatedAt));
            }
            invocation.Show(new ModelList(models), ToolJson.Default.ModelList, list => Show(invocation.Terminal, list));
        }

        return ExitCode.Done;
    }

    private static void Show(Terminal terminal, ModelList list)
    {
        if (list.Models.Count == 0)
        {
            terminal.Line("There are no models.");
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
