using MlOps.Sdk.Data;
using static System.FormattableString;

namespace MlOps.Sdk.Training;

/// <summary>A step function of one feature. Immutable and thread-safe.</summary>
internal sealed class StepFunction
{
    public const int LeastBytes = 3 * sizeof(int) + sizeof(double);

    private readonly float[] _bounds;
    private readonly double[] _effects;
    private readonly double _missing;

    private StepFunction(int feature, int output, float[] bounds, double[] effects, double missing)
    {
        Feature = feature;
        Output = output;
        _bounds = bounds;
        _effects = effects;
        _missing = missing;
    }

    public int Feature { get; }

    public int Output { get; }

    /// <summary>The highest value of each step but the last, which has no end.</summary>
    public ReadOnlySpan<float> Bounds => _bounds;

    /// <summary>What each step adds.</summary>
    public ReadOnlySpan<double> Effects => _effects;

    /// <summary>What a missing value adds.</summary>
    public double Missing => _missing;

    public static StepFunction Create(AdditiveTerm term, int number, ModelSignature signature)
    {
        if (term?.UpperBounds is null || term.Effects is null || term.Effects.Count == 0 || term.UpperBounds.Count != term.Effects.Count)
        {
            throw new ImpossibleModelException(
                Invariant($"Term {number} has {term?.UpperBounds?.Count ?? 0} bounds and {term?.Effects?.Count ?? 0} effects."),
                "A term must have at least one step, and as many bounds as effects.");
        }

        var bounds = new float[term.UpperBounds.Count - 1];
        for (var i = 0; i < term.UpperBounds.Count; i++)
        {
            var bound = term.UpperBounds[i];
            if (double.IsNaN(bound) || (i > 0 && bound < term.UpperBounds[i - 1])) throw NotAscending(number);
            if (i < bounds.Length) bounds[i] = Floor(bound);
        }

        return Check(new StepFunction(term.Feature, term.Output, bounds, [.. term.Effects], term.MissingEffect), number, signature);
    }

    public static StepFunction Read(ref BinaryInput reader, int number, ModelSignature signature)
    {
        var feature = reader.Int32();
        var output = reader.Int32();
        var missing = reader.Double();
        var count = reader.Length(sizeof(double));
        if (count == 0) throw reader.Damaged("a term has no step");
        var effects = new double[count];
        for (var i = 0; i < count; i++) effects[i] = reader.Double();
        var bounds = new float[count - 1];
        for (var i = 0; i < bounds.Length; i++)
        {
            bounds[i] = reader.Single();
            if (float.IsNaN(bounds[i]) || (i > 0 && bounds[i] < bounds[i - 1])) throw NotAscending(number);
        }

        return Check(new StepFunction(feature, output, bounds, effects, missing), number, signature);
    }

    public void Save(BinaryOutput writer)
    {
        writer.Int32(Feature);
        writer.Int32(Output);
        writer.Double(_missing);
        writer.Doubles(_effects);
        foreach (var bound in _bounds) writer.Single(bound);
    }

    private static StepFunction Check(StepFunction term, int number, ModelSignature signature)
    {
        if (term.Feature < 0 || term.Feature >= signature.Features)
        {
            throw new ImpossibleModelException(
                Invariant($"Term {number} reads feature {term.Feature}, and the model has {signature.Features} (from 0 on)."),
                "Count features from 0, and give the signature the length of the whole feature vector.");
        }

        if (term.Output < 0 || term.Output >= signature.Outputs)
        {
            throw new ImpossibleModelException(
                Invariant($"Term {number} adds to output {term.Output}, and the model has {signature.Outputs} (from 0 on)."),
                "Give each term an output of the model's signature.");
        }

        if (!double.IsFinite(term._missing) || !term._effects.All(double.IsFinite))
        {
            throw new ImpossibleModelException(
                Invariant($"Term {number} has an effect that is not a finite number."),
                "Effects must be finite, including that of a missing value.");
        }

        return term;
    }

    /// <summary>The largest single-precision number that is not above: for such numbers as values, the comparison is the same.</summary>
    private static float Floor(double bound)
    {
        var rounded = (float)bound;
        return rounded > bound ? float.BitDecrement(rounded) : rounded;
    }

    private static ImpossibleModelException NotAscending(int number) => new(
        Invariant($"The bounds of term {number} are not in ascending order."),
        "Give the highest value of each step, from the lowest step to the highest.");
}
