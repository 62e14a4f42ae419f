using System.CommandLine;

namespace MlOps.Sdk.Tool;

/// <summary>Lists the versions of a model.</summary>
internal sealed class ModelVersionsCommand : ToolCommand
{
    private const int MostMetrics = 4;

    private readonly Argument<string> _model;

    public ModelVersionsCommand(Completions completions)
        : base("versions", "List the versions of a model, the newest first.") => Add(_model = ModelReference.NewArgument(completions));

    public override IReadOnlyList<string> Examples => ["mlops models versions customer-churn"];

    public override async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var workspace = await invocation.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (workspace.ConfigureAwait(false))
        {
            var model = invocation.Get(_model);
            await ModelReference.RequireAsync(workspace, model, cancellationToken).ConfigureAwait(false);
            var aliases = await workspace.Models.AliasesAsync(model, cancellationToken).ConfigureAwait(false);
            List<VersionDetails> versions = [];
            foreach (var version in await workspace.Models.ListAsync(model, cancellationToken).ConfigureAwait(false))
            {
                versions.Add(await VersionDetails.ReadAsync(workspace, version, aliases, cancellationToken).ConfigureAwait(false));
            }
            var list = new VersionList(model, [.. versions.OrderByDescending(each => each.Version.Version)]);
            invocation.Show(list, ToolJson.Default.VersionList, shown => Show(invocation.Terminal, shown));
        }

        return ExitCode.Done;
    }

    private static void Show(Terminal terminal, VersionList list)
    {
        // The metrics of a version are its own; most versions of a model have the same few.
        string[] metrics =
            [.. list.Versions.SelectMany(each => each.Version.Metrics.Keys).Distinct().Order(StringComparer.Ordinal).Take(MostMetrics)];
        var table = new TextTable(
            ["version#", "alias", "blessed", "registered (UTC)", "run", .. metrics.Select(name => $"{name}#"), "description"]);
        foreach (var each in list.Versions)
        {
            table.Add([
                Shown.Number(each.Version.Version),
                string.Join(", ", each.Aliases),
                each.IsBlessed ? "yes" : "no",
                Shown.Moment(each.Version.CreatedAt),
                each.Version.RunId,
                .. metrics.Select(name => Shown.Number(each.Version.Metrics.TryGetValue(name, out var value) ? value : null)),
                each.Version.Description,
            ]);
        }
        terminal.Table(table);
    }
}
