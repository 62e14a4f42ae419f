using MlOps.Sdk.Audit;
using MlOps.Sdk.Diagnostics;

namespace MlOps.Sdk.Registry;

/// <summary>Who acts, by the provider of the application or by name. Thread-safe.</summary>
internal sealed class CurrentActor(IActorProvider? provider, string name, IReadOnlyList<string>? roles = null)
{
    /// <summary>Whether the application says which roles people have.</summary>
    public bool KnowsRoles => provider is not null || roles is { Count: > 0 };

    /// <summary>Whether the application says who may do what.</summary>
    public bool IsProvided => provider is not null;

    /// <summary>Who acts at this moment.</summary>
    /// <exception cref="MlOpsException">The provider fails, or gives no name.</exception>
    public string Name
    {
        get
        {
            if (provider is null) return name;
            var actor = Ask(provider, static asked => asked.Actor);
            return string.IsNullOrWhiteSpace(actor)
                ? throw new MlOpsException(
                    $"The actor provider {provider.GetType().Name} gave no name.",
                    "Return who acts from Actor; outside of a request, for example the name of the service.")
                : actor;
        }
    }

    /// <summary>Who acts at this moment, with what is the same under every name.</summary>
    /// <exception cref="MlOpsException">The provider fails, or gives no name or no id.</exception>
    public ActingPerson Person
    {
        get
        {
            var actor = Name;
            var id = provider is null ? actor : Ask(provider, static asked => asked.ActorId);
            return string.IsNullOrWhiteSpace(id)
                ? throw new MlOpsException(
                    $"The actor provider {provider!.GetType().Name} gave no id of '{actor}'.",
                    "Return from ActorId by what the actor is known, or leave it out, which takes the name.")
                : new ActingPerson(id, actor);
        }
    }

    /// <summary>Whether the actor may do something.</summary>
    /// <exception cref="MlOpsException">The provider fails.</exception>
    public bool May(ReleaseAction action, string model) =>
        provider is null || Ask(provider, asked => asked.May(action, model));

    /// <summary>Whether the actor has a role.</summary>
    /// <exception cref="MlOpsException">The provider fails.</exception>
    public bool IsIn(string role, string model) => provider is null
        ? roles?.Contains(role, StringComparer.Ordinal) == true
        : Ask(provider, asked => asked.IsIn(role, model));

    /// <summary>Makes sure that the actor may do something.</summary>
    /// <exception cref="MlOpsException">The actor may not, or the provider fails.</exception>
    public void Require(ReleaseAction action, string model)
    {
        if (!May(action, model)) throw new NotAllowedException($"{Refusal(action, model)}.");
    }

    /// <summary>Says that the actor may not do something, without a full stop.</summary>
    public string Refusal(ReleaseAction action, string model) => action switch
    {
        ReleaseAction.Promote => $"'{Name}' may not promote a version of '{model}'",
        ReleaseAction.RollBack => $"'{Name}' may not roll '{model}' back",
        ReleaseAction.Stop => $"'{Name}' may not stop '{model}'",
        ReleaseAction.Resume => $"'{Name}' may not resume '{model}'",
        ReleaseAction.SetFallback => $"'{Name}' may not set the fallback of '{model}'",
        ReleaseAction.SetAlias => $"'{Name}' may not set the aliases of '{model}'",
        ReleaseAction.Describe => $"'{Name}' may not describe or tag '{model}'",
        ReleaseAction.Archive => $"'{Name}' may not archive versions of '{model}'",
        ReleaseAction.Delete => $"'{Name}' may not delete versions of '{model}'",
        _ => $"'{Name}' may not divide the calls of '{model}'",
    };

    private static T Ask<T>(IActorProvider provider, Func<IActorProvider, T> ask)
    {
        try
        {
            return ask(provider);
        }
        catch (Exception e)
        {
            throw new MlOpsException(
                $"The actor provider {provider.GetType().Name} failed: {Secrets.Blank(e.Message)}",
                "Correct the provider; nothing was changed.",
                e);
        }
    }
}
