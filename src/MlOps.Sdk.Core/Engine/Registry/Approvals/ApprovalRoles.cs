namespace MlOps.Sdk.Registry;

/// <summary>Which person counts for which role: each for one, so that as many roles as possible are covered.</summary>
internal static class ApprovalRoles
{
    /// <summary>Finds for whom people count.</summary>
    /// <param name="required">The roles, one for each person who is needed.</param>
    /// <param name="held">The roles that each person has, in the order in which they came.</param>
    /// <returns>The role of each person, where the person is needed for one, and the roles that nobody covers.</returns>
    public static (string?[] Roles, IReadOnlyList<string> Missing) Match(
        IReadOnlyList<string> required, IReadOnlyList<IReadOnlyList<string>> held)
    {
        // A maximum matching by augmenting paths: who has two roles gives way to who has one of them.
        var personOf = new int[required.Count];
        Array.Fill(personOf, -1);
        for (var person = 0; person < held.Count; person++) TryPlace(person, new bool[required.Count]);
        var roles = new string?[held.Count];
        for (var slot = 0; slot < required.Count; slot++)
        {
            if (personOf[slot] >= 0) roles[personOf[slot]] = required[slot];
        }
        return (roles, [.. required.Where((_, slot) => personOf[slot] < 0)]);

        bool TryPlace(int person, bool[] tried)
        {
            for (var slot = 0; slot < required.Count; slot++)
            {
                if (tried[slot] || !held[person].Contains(required[slot], StringComparer.Ordinal)) continue;
                tried[slot] = true;
                if (personOf[slot] >= 0 && !TryPlace(personOf[slot], tried)) continue;
                personOf[slot] = person;
                return true;
            }

            return false;
        }
    }
}
