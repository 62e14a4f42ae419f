using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Tool;

/// <summary>
/// Who decides on a request, by what was typed. Without a role, too: whoever requested an approval may take it back.
/// </summary>
internal sealed class ActingPerson(string actor, IReadOnlyList<string> roles) : IActorProvider
{
    public string Actor => actor;

    public bool May(ReleaseAction action, string model) => true;

    public bool IsIn(string role, string model) => roles.Contains(role, StringComparer.Ordinal);
}
