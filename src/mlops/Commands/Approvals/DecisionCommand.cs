using System.CommandLine;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Tool;

/// <summary>Decides on a request for approval, as the actor and in the roles that are named.</summary>
internal abstract class DecisionCommand : WorkspaceCommand
{
    public const string RolesVariable = "MLOPS_ROLES";

    private readonly Argument<long> _id;
    private readonly Option<string> _reason = ModelReference.NewReason();

    private readonly Option<string[]> _roles = new("--role")
    {
        Description = $"A role that you have, as the lifecycle names it. May be repeated. Default: {RolesVariable}, with commas between.",
        HelpName = "role",
        DefaultValueFactory = _ => [],
    };

    protected DecisionCommand(Completions completions, string name, string description)
        : base(name, description)
    {
        _roles.Allow(roles => !roles.Any(string.IsNullOrWhiteSpace), "the name of a role");
        Add(_id = ApprovalReference.NewArgument(completions));
        Add(_reason);
        Add(_roles);
    }

    /// <summary>Decides.</summary>
    protected abstract Task<Approval> DecideAsync(ModelApprovals approvals, long id, string reason, CancellationToken cancellationToken);

    /// <summary>Says what follows from it.</summary>
    protected abstract void Show(Terminal terminal, Approval approval);

    protected override void Configure(Invocation invocation, WorkspaceOptions options) =>
        options.Actors = new ActingPerson(options.Actor, RolesOf(invocation));

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var id = invocation.Get(_id);
        var found = await workspace.Approvals.GetAsync(id, cancellationToken).ConfigureAwait(false);
        if (found.State == ApprovalState.Pending && RolesOf(invocation).Length == 0 && !found.Excludes(workspace.Options.Actor))
        {
            throw new UsageException(
                $"Approval {Shown.Number(id)} awaits {ApprovalText.Awaited(found)}, and no role was named.",
                $"Name the one that you have with --role, or with {RolesVariable}.");
        }
        var approval = await DecideAsync(
            workspace.Approvals, id, invocation.Require(_reason), cancellationToken).ConfigureAwait(false);
        invocation.Show(approval, ToolJson.Default.Approval, shown => Show(invocation.Terminal, shown));
        return ExitCode.Done;
    }

    private string[] RolesOf(Invocation invocation) => invocation.Get(_roles) is { Length: > 0 } named
        ? named
        : invocation.Terminal.Variable(RolesVariable)?.Split(
            ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
