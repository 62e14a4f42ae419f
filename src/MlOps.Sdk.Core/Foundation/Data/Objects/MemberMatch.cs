using System.Collections;

namespace MlOps.Sdk.Data;

/// <summary>
/// Finds the member for each column: one that names the column by a <see cref="ColumnAttribute"/>, else the one of exactly that name, else
/// the one whose name in snake or camel case it is, else one that differs by case only. What has matched one column matches no other.
/// </summary>
internal static class MemberMatch
{
    private static readonly Func<ObjectMember, string, bool>[] Ways =
    [
        (member, column) => member.IsNamed && (column == member.Own || column == member.Snake || column == member.Camel),
        (member, column) => !member.IsNamed && column == member.Own,
        (member, column) => !member.IsNamed && (column == member.Snake || column == member.Camel),
        (member, column) => !member.IsNamed
            && (column.Equals(member.Own, StringComparison.OrdinalIgnoreCase)
                || column.Equals(member.Snake, StringComparison.OrdinalIgnoreCase)),
    ];

    /// <summary>The member of each column, in the order of the columns.</summary>
    /// <param name="type">The class.</param>
    /// <param name="members">Its members.</param>
    /// <param name="columns">The columns.</param>
    /// <exception cref="MlOpsException">Columns have no member, or one has two; the message lists what is missing.</exception>
    public static ObjectMember[] Find(Type type, IReadOnlyList<ObjectMember> members, Schema columns)
    {
        var found = new ObjectMember?[columns.Count];
        var free = members.ToList();
        foreach (var way in Ways)
        {
            for (var i = 0; i < found.Length; i++)
            {
                if (found[i] is not null) continue;
                ObjectMember[] matching = [.. free.Where(member => way(member, columns[i].Name))];
                if (matching.Length > 1) throw TwoMembers(type.Name, columns[i].Name, matching[0], matching[1]);
                if (matching is [var member]) found[i] = member;
            }

            for (var i = 0; i < found.Length; i++)
            {
                if (found[i] is not { } member || Array.IndexOf(found, member, i + 1) is not (> 0 and var other)) continue;
                throw new MlOpsException(
                    $"The property {type.Name}.{member} could stand for the column '{columns[i].Name}' and for '{columns[other].Name}'.",
                    "Say with [Column(\"…\")] of MlOps.Sdk.Data for which, and add a property for the other.") { Column = columns[i].Name };
            }

            free.RemoveAll(member => found.Contains(member));
        }

        string[] missing = [.. columns.Where((_, i) => found[i] is null).Select(field => field.Name)];
        return missing.Length == 0 ? [.. found.Select(member => member!)] : throw Missing(type, members, free, missing);
    }

    /// <summary>The error for a column that has two members.</summary>
    public static MlOpsException TwoMembers(string type, string column, ObjectMember one, ObjectMember other) =>
        new(
            $"Two properties of {type} stand for the column '{column}': {one} and {other}.",
            "Name one of them with [Column(\"…\")] of MlOps.Sdk.Data, or leave one out with [Column(Ignore = true)].") { Column = column };

    private static MlOpsException Missing(
        Type type, IReadOnlyList<ObjectMember> members, IReadOnlyList<ObjectMember> free, string[] missing)
    {
        var plural = missing.Length > 1;
        string[] names = [.. free.Select(member => member.ToString())];
        var meant = string.Concat(missing
            .Select(column => (Column: column, Near: NearestName.Find(column.Replace("_", "", StringComparison.Ordinal), names)))
            .Where(guess => guess.Near is not null)
            .Select(guess => plural ? $"For '{guess.Column}', did you mean {guess.Near}? " : $"Did you mean {guess.Near}? "));
        var listed = string.Join(", ", missing.Select(name => $"'{name}'"));
        var problem = $"{type.Name} has no property for the column{(plural ? "s" : "")} {listed}.";
        if (type == typeof(object) || typeof(IEnumerable).IsAssignableFrom(type))
        {
            return new MlOpsException(
                problem,
                "Give a class with a property for each column. Rows by the names of columns are for workspace.Endpoint(name).")
            {
                Column = missing[0]
            };
        }
        return new MlOpsException(
            problem,
            $"{meant}Add the propert{(plural ? "ies" : "y")}, or mark existing ones with [Column(\"…\")] of MlOps.Sdk.Data. " +
                $"It has: {string.Join(", ", members)}.") { Column = missing[0] };
    }
}
