using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>An intercept and a step function per feature, added in double precision and in the order of the features.</summary>
internal sealed record AdditiveScore(double Intercept, IReadOnlyList<AdditiveTerm> Terms) : ScalarScore
{
    public override bool IsEmpty => Intercept == 0 && Terms.All(term => term.MissingEffect == 0 && term.Effects.All(effect => effect == 0));

    public override TranslationExactness Exactness => TranslationExactness.BitEqual;

    public override string Parts => $"{Terms.Count} step functions";

    public override IEnumerable<(int Feature, float Value)> Edges =>
        from term in Terms from bound in term.UpperBounds.SkipLast(1) select (term.Feature, (float)bound);

    public override int LeastWidth => 1 + Terms.Select(term => term.Feature).DefaultIfEmpty(-1).Max();

    public override double RoundingError(ReadOnlySpan<float> row) => 0;

    public override double Sum(ReadOnlySpan<float> row) => throw new NotSupportedException("The sum over step functions is exact.");

    public override IModel Build(ModelSignature signature, IReadOnlyList<ScalarScore> outputs, ScoreLink link) => ModelFactory.Additive(
        signature,
        [.. outputs.SelectMany((output, k) => ((AdditiveScore)output).Terms.Select(term => term with { Output = k }))],
        [.. outputs.Select(output => ((AdditiveScore)output).Intercept)],
        link);
}
