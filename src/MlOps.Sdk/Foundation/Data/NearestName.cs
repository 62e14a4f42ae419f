namespace MlOps.Sdk.Data;

/// <summary>Finds what somebody probably meant to type.</summary>
internal static class NearestName
{
    /// <summary>The nearest of the names by edit distance, ignoring case; <see langword="null"/> when none is near.</summary>
    public static string? Find(string typed, IEnumerable<string> names)
    {
        string? best = null;
        var least = Math.Max(2, typed.Length / 3) + 1;
        foreach (var name in names)
        {
            if (Math.Abs(name.Length - typed.Length) >= least || name.Length > 200) continue;
            var distance = Distance(typed, name);
            if (distance >= least) continue;
            least = distance;
            best = name;
        }

        return best;
    }

    /// <summary>The error for a column that is not there: lists what exists and suggests what was meant.</summary>
    public static MlOpsException MissingColumn(string column, string wantedBy, Schema schema)
    {
        var near = Find(column, schema.Select(field => field.Name));
        var names = string.Join(", ", schema.Take(40).Select(field => field.Name)) + (schema.Count > 40 ? ", …" : "");
        return new MlOpsException(
            $"{wantedBy} needs the column '{column}', which does not exist.",
            (near is null ? "" : $"Did you mean '{near}'? ") + $"The columns are: {names}.") { Column = column };
    }

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
