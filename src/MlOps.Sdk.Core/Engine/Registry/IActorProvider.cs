namespace MlOps.Sdk.Registry;

/// <summary>
/// Says who acts in this process, and whether they may change which version answers the calls of a model. Without one, everything is done
/// by <c>WorkspaceOptions.Actor</c>, who may do all. Implementations are thread-safe; they are asked at every deed.
/// </summary>
public interface IActorProvider
{
    /// <summary>Who acts at this moment, for the audit log: for example the user of a request, or the service outside of one.</summary>
    string Actor { get; }

    /// <summary>
    /// By what the actor is known, whatever the name is: the number of the account, and not what a person is called. It says who cannot
    /// approve, and who has approved already, so all processes that share a workspace must give the same for one person. Default:
    /// <see cref="Actor"/>.
    /// </summary>
    string ActorId => Actor;

    /// <summary>Whether the actor may do something.</summary>
    /// <param name="action">What is to be done.</param>
    /// <param name="model">The model's name.</param>
    bool May(ReleaseAction action, string model);

    /// <summary>
    /// Whether the actor has a role, of those that approvals are required of (<c>RequireApproval</c>). Default: no, so that nobody can
    /// approve.
    /// </summary>
    /// <param name="role">The role, as the lifecycle names it.</param>
    /// <param name="model">The model's name.</param>
    bool IsIn(string role, string model) => false;
}
