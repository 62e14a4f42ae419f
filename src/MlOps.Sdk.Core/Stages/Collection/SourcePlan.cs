using Polly;

namespace MlOps.Sdk.Collection;

/// <summary>The columns and rows that are read of one source.</summary>
/// <param name="Columns">The columns; <see langword="null"/> for all.</param>
/// <param name="Share">The share of rows that are kept.</param>
/// <param name="Seed">The seed by which they are drawn.</param>
/// <param name="OnlyNew">Whether only rows are read that are new since the last run.</param>
/// <param name="Resilience">The source's own pipeline; <see langword="null"/> for that of all sources.</param>
internal sealed record SourcePlan(IReadOnlyList<string>? Columns, double Share, int Seed, bool OnlyNew, ResiliencePipeline? Resilience)
{
    public static SourcePlan All { get; } = new(null, 1, 0, false, null);

    /// <summary>What decides the rows besides the content of the source; empty when all are read.</summary>
    public string Settings => this with { Resilience = null } == All
        ? ""
        : FormattableString.Invariant($"{(Columns is null ? "all" : string.Join('\u001f', Columns))}|{Share:R}|{Seed}");
}
