using System.Collections;

namespace MlOps.Sdk.Processing;

/// <summary>
/// Expectations that earlier rows suggest: to be added as they are, or to be pasted as C# and edited. Immutable and thread-safe.
/// </summary>
public sealed class SuggestedExpectations : IReadOnlyList<SuggestedExpectation>
{
    private readonly SuggestedExpectation[] _all;

    /// <summary>Creates the list.</summary>
    /// <param name="all">The expectations, in the order in which they are checked.</param>
    public SuggestedExpectations(IEnumerable<SuggestedExpectation> all) => _all = [.. all];

    /// <inheritdoc/>
    public int Count => _all.Length;

    /// <inheritdoc/>
    public SuggestedExpectation this[int index] => _all[index];

    /// <summary>The expectations as C#: a call of <c>Expect</c> each, behind a comment that says why, ended by a semicolon.</summary>
    /// <param name="builder">What the calls are made on. Default: <c>data</c>.</param>
    public string ToCSharp(string builder = "data")
    {
        ArgumentException.ThrowIfNullOrEmpty(builder);
        return _all.Length == 0
            ? ""
            : $"{builder}{string.Concat(_all.Select(one => $"\n    // {Line(one.Reason)}\n    .Expect(rows => {one.Source})"))};\n";
    }

    /// <inheritdoc/>
    public IEnumerator<SuggestedExpectation> GetEnumerator() => _all.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _all.GetEnumerator();

    // A column's name may hold what ends a comment.
    private static string Line(string text) => text.ReplaceLineEndings(" ");
}
