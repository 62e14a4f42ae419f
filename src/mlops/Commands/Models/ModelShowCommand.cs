using System.CommandLine;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Tool;

/// <summary>Shows a version of a model: the live one, or one by its number.</summary>
internal sealed class ModelShowCommand : WorkspaceCommand
{
    private readonly Argument<string> _model;
    private readonly Argument<int?> _version = ModelReference.NewVersionOrLive();

    public ModelShowCommand(Completions completions)
        : base("show", "Show a version of a model: metrics, gates, aliases.")
    {
        Add(_model = ModelReference.NewArgument(completions));
        Add(_version);
    }

    public override IReadOnlyList<string> Examples => ["mlops models show customer-churn", "mlops models show customer-churn 3 --json"];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var version = await ModelReference.FindAsync(
            workspace, invocation.Get(_model), invocation.Find(_version), cancellationToken).ConfigureAwait(false);
        var aliases = await workspace.Models.AliasesAsync(version.Model, cancellationToken).ConfigureAwait(false);
        var details = await VersionDetails.ReadAsync(workspace, version, aliases, cancellationToken).ConfigureAwait(false);
        invocation.Show(details, ToolJson.Default.VersionDetails, shown => Show(invocation.Terminal, shown));
        return ExitCode.Done;
    }

    private static void Show(Terminal terminal, VersionDetails details)
    {
        var version = details.Version;
        var aliases = details.Aliases.Count > 0 ? $" ({string.Join(", ", details.Aliases)})" : "";
        terminal.Line($"{version.Model}, version {Shown.Number(version.Version)}{aliases}");
        if (version.Description is { Length: > 0 } description) terminal.Line($"Description: {description}");
        terminal.Line($"Registered {Shown.Moment(version.CreatedAt)} UTC{(version.RunId is { } run ? $" by run {run}" : "")}");
        terminal.Line($"Content {version.ContentHash}");
        if (version.Deletion is { } deletion)
        {
            terminal.Line($"Deleted {Shown.Moment(deletion.At)} UTC by {deletion.Actor}: {deletion.Reason}");
        }
        else if (version.IsArchived)
        {
            terminal.Line("Archived");
        }
        foreach (var (name, value) in version.Tags) terminal.Line($"Tag {name}: {value}");
        if (version.Metrics.Count > 0)
        {
            var metrics = new TextTable("metric", "value#", "from#", "to#");
            foreach (var (name, value) in version.Metrics)
            {
                metrics.Add(
                    name,
                    Shown.Number(value),
                    value.HasInterval ? Shown.Number(value.Lower) : null,
                    value.HasInterval ? Shown.Number(value.Upper) : null);
            }
            terminal.Heading("Metrics");
            terminal.Table(metrics);
        }
        if (details.Blessings is not [var newest, ..]) return;
        terminal.Heading($"Gates: {(newest.IsBlessed ? "blessed" : "not blessed")} {Shown.Moment(newest.IssuedAt)} UTC by {newest.Actor}");
        var gates = new TextTable("gate", "outcome", "observed", "required", "why");
        foreach (var gate in newest.Gates)
        {
            gates.Add(
                gate.Outcome == GateOutcome.Failed, gate.Name, gate.Outcome.ToString(), gate.Observed, gate.Required, gate.Explanation);
        }
        terminal.Table(gates);
    }
}
