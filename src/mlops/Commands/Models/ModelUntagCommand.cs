using System.CommandLine;

namespace MlOps.Sdk.Tool;

/// <summary>Removes a tag of a model or of a version.</summary>
internal sealed class ModelUntagCommand : WorkspaceCommand
{
    private readonly Argument<string> _model;
    private readonly Argument<string> _name = new("name") { Description = "The name of the tag." };
    private readonly Option<int?> _version = ModelReference.NewVersionOption();

    public ModelUntagCommand(Completions completions)
        : base("untag", "Remove a tag of a model, or of a version of it. What it was stays in the history.")
    {
        Add(_model = ModelReference.NewArgument(completions));
        Add(_name);
        Add(_version);
    }

    public override IReadOnlyList<string> Examples =>
        ["mlops models untag customer-churn team", "mlops models untag customer-churn reviewed --version 3"];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var (model, version, name) = (invocation.Get(_model), invocation.Get(_version), invocation.Get(_name));
        var isChanged = await workspace.Models.RemoveTagAsync(model, name, version, cancellationToken).ConfigureAwait(false);
        var subject = ModelReference.Subject(model, version);
        invocation.Show(
            new RegistryUpdate(model, version, isChanged),
            ToolJson.Default.RegistryUpdate,
            shown => invocation.Terminal.Line(
                shown.IsChanged ? $"The tag '{name}' of {subject} is removed." : $"There was no tag '{name}' of {subject}."));
        return ExitCode.Done;
    }
}
