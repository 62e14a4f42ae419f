using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Tests;

/// <summary>Who has which role of those that approvals need. The actor is set by the test.</summary>
internal sealed class People : IActorProvider
{
    public Dictionary<string, string[]> Roles { get; } = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ann"] = ["risk-officer"],
        ["bob"] = ["model-owner"],
        ["cid"] = ["risk-officer", "model-owner"],
        ["dan"] = ["risk-officer", "model-owner"],
        ["eve"] = [],
    };

    /// <summary>The ids of those who have several names.</summary>
    public Dictionary<string, string> Ids { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Those who may do nothing but approve.</summary>
    public HashSet<string> Forbidden { get; } = new(StringComparer.OrdinalIgnoreCase);

    public string Actor { get; set; } = "dan";

    public string ActorId => Ids.GetValueOrDefault(Actor, Actor);

    public bool May(ReleaseAction action, string model) => !Forbidden.Contains(Actor);

    public bool IsIn(string role, string model) => Roles.TryGetValue(Actor, out var roles) && roles.Contains(role);
}
