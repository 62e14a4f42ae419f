using System.CommandLine;
using MlOps.Sdk.Data;
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
    /// <param name="terminal">Where.</param>
    /// <param name="approval">The request as it is now.</param>
    /// <param name="before">Who acts, and had approved it before; <see langword="null"/> for somebody who had not.</param>
    protected abstract void Show(Terminal terminal, Approval approval, string? before);

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
        RequireRole(invocation, found, workspace.Options.Actor);
        var before = found.Given.FirstOrDefault(given => Audit.ActingPerson.IsSame(given.ActorId, workspace.Options.Actor));
        var approval = await DecideAsync(
            workspace.Approvals, id, invocation.Require(_reason), cancellationToken).ConfigureAwait(false);
        invocation.Show(approval, ToolJson.Default.Approval, shown => Show(invocation.Terminal, shown, before?.Actor));
        return ExitCode.Done;
    }

    // Who mistypes a role is told by the library that it is none of those.
    private void RequireRole(Invocation invocation, Approval found, string actor)
    {
        var roles = RolesOf(invocation);
        if (found.State != ApprovalState.Pending || found.Excludes(actor) || found.Policy.Roles.Intersect(roles).Any()) return;
        foreach (var role in roles)
        {
            if (NearestName.Find(role, found.Policy.Roles) is not { } near) continue;
            throw new MlOpsException(
                $"Approval {Shown.Number(found.Id)} awaits {ApprovalText.Awaited(found)}, and '{role}' is none of its roles.",
                $"Did you mean '{near}'?");
        }
    }

    private string[] RolesOf(Invocation invocation) => invocation.Get(_roles) is { Length: > 0 } named
        ? named
        : invocation.Terminal.Variable(RolesVariable)?.Split(
            ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
