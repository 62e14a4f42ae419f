using System.Globalization;

namespace MlOps.Sdk.Processing;

/// <summary>How many rows found a counterpart in a reference. Thread-safe.</summary>
internal sealed class MatchCount
{
    private long _rows;
    private long _matched;

    /// <param name="matches">The row of the reference for each row; −1 for none.</param>
    public void Add(ReadOnlySpan<int> matches)
    {
        Interlocked.Add(ref _rows, matches.Length);
        Interlocked.Add(ref _matched, matches.Length - matches.Count(-1));
    }

    /// <summary>Says so when there were rows and none of them found one, which is rarely meant.</summary>
    public string? Describe(string reference, IReadOnlyList<string> keys, string step) =>
        Interlocked.Read(ref _rows) is > 0 and var rows && Interlocked.Read(ref _matched) == 0
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{step}: none of {rows:N0} rows has a match in {reference}; " +
                    $"check that {string.Join(", ", keys)} {(keys.Count == 1 ? "is" : "are")} written the same way in both.")
            : null;
}
