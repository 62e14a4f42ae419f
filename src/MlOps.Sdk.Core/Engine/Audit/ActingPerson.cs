namespace MlOps.Sdk.Audit;

/// <summary>Who does something.</summary>
/// <param name="Id">By what the person is known, whatever the name is.</param>
/// <param name="Name">The name, for records.</param>
internal readonly record struct ActingPerson(string Id, string Name)
{
    /// <summary>Whether two ids are of one person. Ids of one spelling in other cases are.</summary>
    public static bool IsSame(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    /// <summary>The id for the details of an entry; <see langword="null"/> where the name is the id.</summary>
    public string? EnteredId => Id == Name ? null : Id;

    /// <summary>The id of who made an entry.</summary>
    public static string IdOf(string actor, IReadOnlyDictionary<string, string> details) => details.GetValueOrDefault(IdField) ?? actor;

    /// <summary>What the details call the id.</summary>
    public const string IdField = "actorId";
}
