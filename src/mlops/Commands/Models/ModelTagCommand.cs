using System.CommandLine;

namespace MlOps.Sdk.Tool;

/// <summary>Sets a tag of a model or of a version.</summary>
internal sealed class ModelTagCommand : WorkspaceCommand
{
    private readonly Argument<string> _model;
    private readonly Argument<string> _name = new("name") { Description = "The name of the tag." };
    private readonly Argument<string> _value = new("value") { Description = "Its value; may be empty." };
    private readonly Option<int?> _version = ModelReference.NewVersionOption();

    public ModelTagCommand(Completions completions)
        : base("tag", "Set a tag of a model, or of a version of it. What it was before stays in the history.")
    {
        Add(_model = ModelReference.NewArgument(completions));
        Add(_name);
        Add(_value);
        Add(_version);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "mlops models tag customer-churn team retention",
        "mlops models tag customer-churn card.caveats \"not tried on business customers\" --version 3",
    ];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var (model, version) = (invocation.Get(_model), invocation.Get(_version));
        var (name, value) = (invocation.Get(_name), invocation.Get(_value));
        var isChanged = await workspace.Models.SetTagAsync(model, name, value, version, cancellationToken).ConfigureAwait(false);
        var subject = ModelReference.Subject(model, version);
        invocation.Show(
            new RegistryUpdate(model, version, isChanged),
            ToolJson.Default.RegistryUpdate,
            shown => invocation.Terminal.Line(shown.IsChanged
                ? $"The tag '{name}' of {subject} is '{value}'."
                : $"The tag '{name}' of {subject} was '{value}' already."));
        return ExitCode.Done;
    }
}
