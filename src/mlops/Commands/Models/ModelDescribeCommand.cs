using System.CommandLine;

namespace MlOps.Sdk.Tool;

/// <summary>Describes a model or a version.</summary>
internal sealed class ModelDescribeCommand : WorkspaceCommand
{
    private readonly Argument<string> _model;

    private readonly Argument<string> _text = new("text")
    {
        Description = "What is to be known. An empty text takes the description away.",
    };

    private readonly Option<int?> _version = ModelReference.NewVersionOption();

    public ModelDescribeCommand(Completions completions)
        : base("describe", "Describe a model, or a version of it. What was said before stays in the history.")
    {
        Add(_model = ModelReference.NewArgument(completions));
        Add(_text);
        Add(_version);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "mlops models describe customer-churn \"Whom the retention team calls.\"",
        "mlops models describe customer-churn \"The first one with the new tariff.\" --version 3",
    ];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var (model, version, text) = (invocation.Get(_model), invocation.Get(_version), invocation.Get(_text));
        var isChanged = await workspace.Models.DescribeAsync(
            model, text.Length > 0 ? text : null, version, cancellationToken).ConfigureAwait(false);
        var subject = ModelReference.Subject(model, version);
        invocation.Show(
            new RegistryUpdate(model, version, isChanged),
            ToolJson.Default.RegistryUpdate,
            shown => invocation.Terminal.Line((shown.IsChanged, text.Length > 0) switch
            {
                (false, _) => $"The description of {subject} was the same already.",
                (_, true) => $"The description of {subject} is recorded.",
                _ => $"The description of {subject} is taken away.",
            }));
        return ExitCode.Done;
    }
}
