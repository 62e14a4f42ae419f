using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>A sum over trees, in double precision and in the order of the trees.</summary>
internal sealed record TreesScore(IReadOnlyList<DecisionTree> Trees) : ScalarScore
{
    /// <summary>Features of whose missing values the library says something else than its trees have learned.</summary>
    public IReadOnlyList<int> Corrected { get; init; } = [];

    public override bool IsEmpty => Trees.Count == 0;

    public override TranslationExactness Exactness => TranslationExactness.BitEqual;

    public override string Parts
    {
        get
        {
            var categorical = Trees.Sum(tree => tree.Splits.Count(split => split.Slots is not null));
            return categorical == 0 ? $"{Trees.Count} trees" : $"{Trees.Count} trees with {categorical} categorical splits";
        }
    }

    public override IEnumerable<(int Feature, float Value)> Edges =>
        from tree in Trees
        from split in tree.Splits
        from edge in split.Slots is { } slots
            ? slots.Select(slot => (slot, float.Epsilon))
            : float.IsNaN(split.Threshold) ? [] : [(split.Feature, split.Threshold)]
        select edge;

    public override int LeastWidth => 1 + Trees
        .SelectMany(tree => tree.Splits)
        .SelectMany(split => split.Slots ?? [split.Feature])
        .DefaultIfEmpty(-1)
        .Max();

    public override double RoundingError(ReadOnlySpan<float> row) => 0;

    public override double Sum(ReadOnlySpan<float> row) => throw new NotSupportedException("The sum over trees is exact.");

    public override IModel Build(ModelSignature signature, IReadOnlyList<ScalarScore> outputs, ScoreLink link) => ModelFactory.Trees(
        signature,
        [.. outputs.SelectMany((output, k) => ((TreesScore)output).Trees.Select(tree => tree with { Output = k }))],
        new double[outputs.Count],
        link);
}
