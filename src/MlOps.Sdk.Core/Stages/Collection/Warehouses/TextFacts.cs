using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Collection;

/// <summary>What a warehouse said of a column of texts. Immutable.</summary>
/// <param name="Levels">
/// Texts with their counts: all of them, or those whose MD5 is below <paramref name="Below"/>, which is a sample of texts that does not
/// depend on how often they occur.
/// </param>
/// <param name="Below">The limit of the sample; <see langword="null"/> when all texts are there.</param>
/// <param name="Frequent">
/// The most frequent texts with exact counts, at most 256, in descending order of the counts, then by ordinal.
/// </param>
/// <param name="MostOfOthers">How often a text that is not among them occurs at most; 0 where there are no others.</param>
/// <param name="Lengths">The moments of the lengths.</param>
/// <param name="Characters">The characters; of a sample of texts scaled to all where not all are there.</param>
internal sealed record TextFacts(
    IReadOnlyList<KeyValuePair<string, long>> Levels,
    string? Below,
    IReadOnlyList<KeyValuePair<string, long>> Frequent,
    long MostOfOthers,
    Moments Lengths,
    CharacterCounts Characters);
