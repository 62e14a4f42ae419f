using MlOps.Sdk.Registry;

namespace Acme;

// begin-snippet: actor-provider
/// <summary>Release managers change what is live; everybody else, and every run, only trains.</summary>
internal sealed class ReleaseManagers(Func<string?> signedInUser, IReadOnlySet<string> managers) : IActorProvider
{
    public string Actor => signedInUser() ?? "training-service";

    public bool May(ReleaseAction action, string model) => managers.Contains(Actor);
}
// end-snippet
