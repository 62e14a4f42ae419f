namespace MlOps.Sdk.Testing;

/// <summary>Orders in which the same rows are requested; the same ones each time.</summary>
internal static class Orders
{
    /// <summary>As they are, backwards, each twice, and mixed.</summary>
    public static IEnumerable<(string Name, int[] Rows)> Of(int count)
    {
        int[] rows = [.. Enumerable.Range(0, count)];
        yield return ("as they are", rows);
        yield return ("backwards", [.. rows.Reverse()]);
        yield return ("each twice", [.. rows.SelectMany(row => new[] { row, row })]);
        var mixed = rows.ToArray();
        new Random(3).Shuffle(mixed);
        yield return ("mixed", mixed);
    }

    /// <summary>From a row on around to the one before it.</summary>
    public static IEnumerable<int> From(int first, int count) => Enumerable.Range(0, count).Select(i => (first + i) % count);
}
