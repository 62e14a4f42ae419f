using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MlOps.Sdk.Training;

/// <summary>The step functions of a model side by side in flat arrays. Immutable and thread-safe.</summary>
internal sealed class StepTable
{
    /// <summary>So many bounds are compared at once; more are halved first.</summary>
    private const int Window = 16;

    private readonly Term[] _terms;
    private readonly float[] _bounds;
    private readonly double[] _effects;

    public StepTable(IReadOnlyList<StepFunction> functions)
    {
        _terms = new Term[functions.Count];
        var (bounds, effects) = (new List<float>(), new List<double>());
        for (var t = 0; t < functions.Count; t++)
        {
            var function = functions[t];
            _terms[t] = new Term(function.Feature, function.Output, bounds.Count, function.Bounds.Length, effects.Count);
            bounds.AddRange(function.Bounds);
            // Nothing is above NaN, so that a window may reach over the end.
            bounds.AddRange(Enumerable.Repeat(float.NaN, Window));
            effects.Add(function.Missing);
            effects.AddRange(function.Effects);
        }

        _bounds = [.. bounds];
        _effects = [.. effects];
    }

    /// <summary>Adds all terms to the scores of one row, in their order.</summary>
    public unsafe void Add(ReadOnlySpan<float> row, Span<double> scores)
    {
        fixed (float* bounds = _bounds)
        fixed (double* effects = _effects)
        {
            if (scores.Length > 1)
            {
                foreach (ref readonly var term in _terms.AsSpan()) scores[term.Output] += Effect(term, row[term.Feature], bounds, effects);
                return;
            }

            // One output is summed in a register; through memory each term would wait for the one before.
            var sum = scores[0];
            foreach (ref readonly var term in _terms.AsSpan()) sum += Effect(term, row[term.Feature], bounds, effects);
            scores[0] = sum;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe double Effect(in Term term, float value, float* bounds, double* effects)
    {
        var at = bounds + term.Bounds;
        var rest = term.BoundCount;
        while (rest > Window)
        {
            var half = rest >> 1;
            at += at[half - 1] < value ? half : 0;
            rest -= half;
        }

        // Beyond the rest, no bound is below the value: counting over its end counts nothing.
        var x = Vector256.Create(value);
        var below = (int)(at - (bounds + term.Bounds))
            + BitOperations.PopCount(Vector256.LessThan(Vector256.Load(at), x).ExtractMostSignificantBits())
            + BitOperations.PopCount(Vector256.LessThan(Vector256.Load(at + Vector256<float>.Count), x).ExtractMostSignificantBits());
        // A missing value, which is above nothing, has the effect before the first.
        return effects[term.Effects + (float.IsNaN(value) ? 0 : 1 + below)];
    }

    /// <param name="Feature">Its place in the row.</param>
    /// <param name="Output">The output that it adds to.</param>
    /// <param name="Bounds">Where its bounds begin.</param>
    /// <param name="BoundCount">How many there are, one less than steps.</param>
    /// <param name="Effects">Where its effects begin: that of a missing value, then one per step.</param>
    private readonly record struct Term(int Feature, int Output, int Bounds, int BoundCount, int Effects);
}
