namespace MlOps.Sdk.Data;

/// <summary>
/// Finds the member for each column: one that names the column by a <see cref="ColumnAttribute"/>, else the one of exactly that name, else
/// the one whose name in snake or camel case it is, else one that differs by case only. What has matched one column matches no other.
/// </summary>
internal static class MemberMatch
{
    private static readonly Func<MemberColumn, string, bool>[] Ways =
    [
        (member, column) => member.IsNamed && (column == member.Own || column == member.Snake || column == member.Camel),
        (member, column) => !member.IsNamed && column == member.Own,
        (member, column) => !member.IsNamed && (column == member.Snake || column == member.Camel),
        (member, column) => !member.IsNamed
            && (column.Equals(member.Own, StringComparison.OrdinalIgnoreCase)
                || column.Equals(member.Snake, StringComparison.OrdinalIgnoreCase)),
    ];

    /// <summary>The member of each column, in the order of the columns.</summary>
    /// <param name="type">What the class is called.</param>
    /// <param name="members">Its members.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="mistakes">Receives what keeps the class from being a row of these columns.</param>
    /// <returns>The places of the members; -1 for a column without one.</returns>
    public static int[] Find(string type, IReadOnlyList<MemberColumn> members, Schema columns, ICollection<MlOpsException> mistakes)
    {
        var found = new int[columns.Count];
        Array.Fill(found, -1);
        var free = Enumerable.Range(0, members.Count).ToList();
        foreach (var way in Ways)
        {
            for (var i = 0; i < found.Length; i++)
            {
                if (found[i] >= 0) continue;
                int[] matching = [.. free.Where(member => way(members[member], columns[i].Name))];
                if (matching.Length > 1)
                {
                    mistakes.Add(TwoMembers(type, columns[i].Name, members[matching[0]].Member, members[matching[1]].Member));
                }
                if (matching.Length > 0) found[i] = matching[0];
            }

            for (var i = 0; i < found.Length; i++)
            {
                if (found[i] < 0 || !free.Contains(found[i]) || Array.IndexOf(found, found[i], i + 1) is not (> 0 and var other)) continue;
                mistakes.Add(new MlOpsException(
                    $"The property {type}.{members[found[i]]} matches the columns '{columns[i].Name}' and " +
                        $"'{columns[other].Name}'.",
                    "Select one with [Column(\"…\")] of MlOps.Sdk.Data, and add a property for the other.")
                    {
                        Column = columns[i].Name,
                    });
            }

            free.RemoveAll(member => Array.IndexOf(found, member) >= 0);
        }

        string[] missing = [.. columns.Where((_, i) => found[i] < 0).Select(field => field.Name)];
        if (missing.Length > 0) mistakes.Add(Missing(type, members, free, missing));
        for (var i = 0; i < found.Length; i++)
        {
            if (found[i] >= 0 && !members[found[i]].Fits.Contains(columns[i].Type))
            {
                mistakes.Add(Unfit(type, members[found[i]], columns[i]));
            }
        }

        return found;
    }

    /// <summary>The error for a column that has two members.</summary>
    public static MlOpsException TwoMembers(string type, string column, string one, string other) =>
        new(
            $"Two properties of {type} match the column '{column}': {one} and {other}.",
            "Name one of them with [Column(\"…\")] of MlOps.Sdk.Data, or exclude one with [Column(Ignore = true)].") { Column = column };

    /// <summary>The error for all mistakes together.</summary>
    public static MlOpsException Join(IReadOnlyList<MlOpsException> mistakes) => mistakes.Count == 1
        ? mistakes[0]
        : new MlOpsException(
            string.Join(" ", mistakes.Select(mistake => mistake.Problem)),
            string.Join(" ", mistakes.Select(mistake => mistake.Remedy).Distinct())) { Column = mistakes[0].Column };

    private static MlOpsException Unfit(string type, MemberColumn member, Field field) =>
        new(
            $"The property {type}.{member} is {member.Type}, which does not fit the {field.Type} column '{field.Name}'.",
            "Change the type of the property: " + field.Type switch
            {
                ColumnType.Number => "a number such as double, decimal, float or int, or a bool.",
                ColumnType.Integer => "a whole number such as int or long, or a bool.",
                ColumnType.Boolean => "a bool, or a number that is 1 or 0.",
                ColumnType.Text => "a string, char, Guid or enum.",
                ColumnType.Timestamp => "a DateTime, DateTimeOffset, DateOnly, or a string with an ISO 8601 time.",
                _ => "a float[] or double[].",
            }) { Column = field.Name };

    private static MlOpsException Missing(
        string type, IReadOnlyList<MemberColumn> members, IReadOnlyList<int> free, string[] missing)
    {
        var plural = missing.Length > 1;
        string[] names = [.. free.Select(member => members[member].Member)];
        var meant = string.Concat(missing
            .Select(column => (Column: column, Near: NearestName.Find(column.Replace("_", "", StringComparison.Ordinal), names)))
            .Where(guess => guess.Near is not null)
            .Select(guess => plural ? $"For '{guess.Column}', did you mean {guess.Near}? " : $"Did you mean {guess.Near}? "));
        var listed = string.Join(", ", missing.Select(name => $"'{name}'"));
        return new MlOpsException(
            $"{type} has no property for the column{(plural ? "s" : "")} {listed}.",
            $"{meant}Add the propert{(plural ? "ies" : "y")}, or mark existing ones with [Column(\"…\")] of MlOps.Sdk.Data. " +
                $"It has: {string.Join(", ", members)}.") { Column = missing[0] };
    }
}
