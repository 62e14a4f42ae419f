namespace MlOps.Sdk.Data;

/// <summary>Finds what somebody probably meant to type.</summary>
public static class NearestName
{
    /// <summary>
    /// The name that has the same letters and digits, else the nearest by edit distance, both ignoring case; <see langword="null"/> when
    /// none is near: at least half of the longer one must be kept.
    /// </summary>
    public static string? Find(string typed, IEnumerable<string> names)
    {
        string? best = null;
        var least = Math.Max(2, typed.Length / 3) + 1;
        var letters = Letters(typed);
        foreach (var name in names)
        {
            if (name.Length > 200) continue;
            if (letters.Length > 0 && letters == Letters(name)) return name;
            if (Math.Abs(name.Length - typed.Length) >= least) continue;
            var distance = Distance(typed, name);
            if (distance >= least || 2 * distance > Math.Max(typed.Length, name.Length)) continue;
            least = distance;
            best = name;
        }

        return best;
    }

    /// <summary>The error for a column that is not there: lists what exists and suggests what was meant.</summary>
    internal static MlOpsException MissingColumn(string column, string wantedBy, Schema schema)
    {
        var near = Find(column, schema.Select(field => field.Name));
        return new MlOpsException(
            $"{wantedBy} needs the column '{column}', which does not exist.",
            (near is null ? "" : $"Did you mean '{near}'? ") + (Undivided([.. schema.Select(field => field.Name)]) ?? Listed(schema)))
        {
            Column = column
        };
    }

    /// <summary>
    /// What to say of a table of one column whose name holds what probably divides columns; <see langword="null"/> for others.
    /// </summary>
    internal static string? Undivided(IReadOnlyList<string> columns) =>
        columns is [var name] && name.AsSpan().IndexOfAny(";\t|,") is >= 0 and var at
            ? $"The only column is '{PrintableText.Shorten(name)}': if {(name[at] == '\t' ? "a tab" : $"'{name[at]}'")} separates the " +
                "columns, set CsvOptions.Delimiter."
            : null;

    /// <summary>Fails when columns are not there, and names all of them.</summary>
    /// <exception cref="MlOpsException">A column does not exist.</exception>
    internal static void Require(IEnumerable<string> columns, string wantedBy, Schema schema)
    {
        string[] missing = [.. columns.Where(column => !schema.Contains(column)).Distinct()];
        if (missing.Length == 0) return;
        var first = MissingColumn(missing[0], wantedBy, schema);
        if (missing.Length == 1) throw first;
        var names = schema.Select(field => field.Name).ToArray();
        var meant = string.Concat(
            missing.Select(column => Find(column, names) is { } near ? $"For '{column}', did you mean '{near}'? " : ""));
        throw new MlOpsException(
            $"{wantedBy} needs the columns {string.Join(", ", missing.Select(column => $"'{column}'"))}, which do not exist.",
            meant + Listed(schema)) { Column = missing[0] };
    }

    private static string Listed(Schema schema) =>
        $"The columns are: {string.Join(", ", schema.Take(40).Select(field => Shown(field.Name)))}{(schema.Count > 40 ? ", …" : "")}.";

    // A blank at the end of a name is not seen without quotes.
    private static string Shown(string name) => name.Length > name.AsSpan().Trim().Length ? $"'{name}'" : name;

    private static string Letters(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToUpperInvariant();

    private static int Distance(string a, string b)
    {
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++) row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var change = diagonal + (char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
