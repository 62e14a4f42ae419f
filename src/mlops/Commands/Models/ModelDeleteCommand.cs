using System.CommandLine;

namespace MlOps.Sdk.Tool;

/// <summary>Deletes a version for good.</summary>
internal sealed class ModelDeleteCommand : WorkspaceCommand
{
    private readonly Argument<string> _model;
    private readonly Argument<int> _version = ModelReference.NewVersion();
    private readonly Option<string> _reason = ModelReference.NewReason();

    public ModelDeleteCommand(Completions completions)
        : base("delete", "Delete a version for good. Its record stays, and its number is not given again; the next gc removes its package.")
    {
        Add(_model = ModelReference.NewArgument(completions));
        Add(_version);
        Add(_reason);
    }

    public override IReadOnlyList<string> Examples =>
        ["mlops models delete customer-churn 2 --reason \"trained on rows that had to be erased\""];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var (model, version) = (invocation.Get(_model), invocation.Get(_version));
        var deletion = await workspace.Models.DeleteAsync(
            model, version, invocation.Require(_reason), cancellationToken).ConfigureAwait(false);
        invocation.Show(
            new VersionDeleted(model, version, deletion),
            ToolJson.Default.VersionDeleted,
            _ => invocation.Terminal.Line(
                $"Version {Shown.Number(version)} of {model} is deleted. The next gc removes its package, unless another version has it."));
        return ExitCode.Done;
    }
}
