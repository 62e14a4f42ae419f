using System.CommandLine;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Tool;

/// <summary>Archives a version, or takes it back.</summary>
internal abstract class ArchiveSwitchCommand : WorkspaceCommand
{
    private readonly Argument<string> _model;
    private readonly Argument<int> _version = ModelReference.NewVersion();
    private readonly Option<string> _reason = ModelReference.NewReason();

    protected ArchiveSwitchCommand(Completions completions, string name, string description)
        : base(name, description)
    {
        Add(_model = ModelReference.NewArgument(completions));
        Add(_version);
        Add(_reason);
    }

    /// <summary>Does it, and tells whether anything changed.</summary>
    protected abstract Task<bool> SwitchAsync(
        ModelRegistry models, string model, int version, string reason, CancellationToken cancellationToken);

    /// <summary>What follows from it, of the version that the sentence begins with.</summary>
    protected abstract string Outcome(bool isChanged);

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var (model, version) = (invocation.Get(_model), invocation.Get(_version));
        var isChanged = await SwitchAsync(
            workspace.Models, model, version, invocation.Require(_reason), cancellationToken).ConfigureAwait(false);
        invocation.Show(
            new RegistryUpdate(model, version, isChanged),
            ToolJson.Default.RegistryUpdate,
            shown => invocation.Terminal.Line($"Version {Shown.Number(version)} of {model} {Outcome(shown.IsChanged)}"));
        return ExitCode.Done;
    }
}
