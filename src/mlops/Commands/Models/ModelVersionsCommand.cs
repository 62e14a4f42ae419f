using System.CommandLine;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Tool;

/// <summary>Lists the versions of a model.</summary>
internal sealed class ModelVersionsCommand : WorkspaceCommand
{
    private const int MostMetrics = 4;

    private readonly Argument<string> _model;
    private readonly Option<bool> _all = new("--all") { Description = "Also versions that are archived or deleted." };

    public ModelVersionsCommand(Completions completions)
        : base("versions", "List the versions of a model, the newest first.")
    {
        Add(_model = ModelReference.NewArgument(completions));
        Add(_all);
    }

    public override IReadOnlyList<string> Examples =>
        ["mlops models versions customer-churn", "mlops models versions customer-churn --all"];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var model = invocation.Get(_model);
        await ModelReference.RequireAsync(workspace, model, cancellationToken).ConfigureAwait(false);
        var aliases = await workspace.Models.AliasesAsync(model, cancellationToken).ConfigureAwait(false);
        List<VersionDetails> versions = [];
        var isAll = invocation.Get(_all);
        var query = new VersionQuery { Model = model, IncludeArchived = isAll, IncludeDeleted = isAll };
        foreach (var version in await workspace.Models.SearchAsync(query, cancellationToken).ConfigureAwait(false))
        {
            versions.Add(await VersionDetails.ReadAsync(workspace, version, aliases, cancellationToken).ConfigureAwait(false));
        }
        var about = await workspace.Models.FindModelAsync(model, cancellationToken).ConfigureAwait(false);
        var list = new VersionList(model, [.. versions.OrderByDescending(each => each.Version.Version)], about!);
        invocation.Show(list, ToolJson.Default.VersionList, shown => Show(invocation.Terminal, shown));
        return ExitCode.Done;
    }

    private static void Show(Terminal terminal, VersionList list)
    {
        if (list.About.Description is { Length: > 0 } description) terminal.Line($"Description: {description}");
        foreach (var (name, value) in list.About.Tags) terminal.Line($"Tag {name}: {value}");

        // The metrics of a version are its own; most versions of a model have the same few. Those that decide are the first: the one that
        // is optimized, then the guards, as the gates have them.
        string[] gates =
            [.. list.Versions.SelectMany(each => each.Blessings.Take(1)).SelectMany(each => each.Gates).Select(gate => gate.Name)];
        string[] metrics =
        [
            .. list.Versions.SelectMany(each => each.Version.Metrics.Keys).Distinct()
                .OrderBy(name => (uint)Array.IndexOf(gates, name))
                .ThenBy(name => name, StringComparer.Ordinal)
                .Take(MostMetrics),
        ];
        var table = new TextTable(
            ["version#", "alias", "blessed", "registered (UTC)", "run", .. metrics.Select(name => $"{name}#"), "description"]);
        foreach (var each in list.Versions)
        {
            table.Add([
                Shown.Number(each.Version.Version),
                string.Join(", ", each.Aliases),
                each.Version.Deletion is not null ? "deleted" : each.Version.IsArchived ? "archived" : each.IsBlessed ? "yes" : "no",
                Shown.Moment(each.Version.CreatedAt),
                each.Version.RunId,
                .. metrics.Select(name => Shown.Number(each.Version.Metrics.TryGetValue(name, out var value) ? value : null)),
                each.Version.Description,
            ]);
        }
        terminal.Table(table);
    }
}
