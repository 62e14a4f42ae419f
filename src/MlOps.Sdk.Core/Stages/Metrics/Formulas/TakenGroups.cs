using System.Collections;

namespace MlOps.Sdk.Metrics;

/// <summary>The groups of some of the rows, read when a metric requests them: a bootstrap takes rows hundreds of times.</summary>
internal sealed class TakenGroups(IReadOnlyList<string?> groups, int[] rows) : IReadOnlyList<string?>
{
    public int Count => rows.Length;

    public string? this[int index] => groups[rows[index]];

    public IEnumerator<string?> GetEnumerator() => rows.Select(row => groups[row]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
