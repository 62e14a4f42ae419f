using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using static System.FormattableString;

namespace MlOps.Sdk.MLNet;

/// <summary>Holds a translated model to the library's own predictions.</summary>
internal sealed class TranslationComparison : IDisposable
{
    /// <summary>The relative error of a few roundings to single precision, one after the other.</summary>
    private const double FewRoundings = 1.0 / (1 << 21);

    private readonly TranslationPlan _plan;
    private readonly IModel _model;
    private readonly IModel _link;
    private readonly IModel[] _sums;
    private readonly PredictScratch _scratch = new();

    private TranslationComparison(TranslationPlan plan, IModel model)
    {
        _plan = plan;
        _model = model;
        // The link alone, as a model whose features are the raw scores.
        var (task, outputs) = (model.Signature.Task, plan.Scores.Length);
        var unit = new double[outputs * outputs];
        for (var k = 0; k < outputs; k++) unit[k * outputs + k] = 1;
        _link = ModelFactory.Linear(new ModelSignature(task, outputs, outputs), unit, new double[outputs], plan.Link);
        // Each sum alone, rounded as the link rounds it.
        var single = new ModelSignature(TaskKind.Regression, model.Signature.Features, 1);
        _sums = [.. plan.Scores.Select(score => score.Build(single, [score], ScoreLink.Identity.InSinglePrecision()))];
    }

    /// <summary>The first row on which the two differ by more than the plan allows, as a sentence; or <see langword="null"/>.</summary>
    public static string? FirstDifference(
        TranslationRequest request, LocatedPredictor predictor, TranslationPlan plan, IModel model, List<float[]> rows)
    {
        var library = LibraryScores.Read(request.Predictor, predictor.FeatureColumn, rows, plan.Column);
        if (library.Count != rows.Count || library.Any(scores => scores.Length != plan.Scores.Length))
        {
            return $"The library gives {(library.Count > 0 ? library[0].Length : 0)} numbers per row, and the model {plan.Scores.Length}.";
        }

        using var comparison = new TranslationComparison(plan, model);
        for (var i = 0; i < rows.Count; i++)
        {
            // Where the library is wrong, it proves nothing.
            if (plan.Corrected.Any(feature => float.IsNaN(rows[i][feature]))) continue;
            if (comparison.Differs(rows[i], [.. plan.Order.Select(k => library[i][k])]) is not { } difference) continue;
            return $"On row {i} of {rows.Count}, {difference}.";
        }

        return null;
    }

    public void Dispose()
    {
        _link.Dispose();
        foreach (var sum in _sums) sum.Dispose();
        _scratch.Dispose();
    }

    private string? Differs(float[] row, float[] library)
    {
        var ours = Predict(_model, row);
        if (_plan.Exactness == TranslationExactness.Rounding) return DiffersByMoreThanRounding(row, ours, library);
        var theirs = _plan.AppliesLink ? Predict(_link, library) : Array.ConvertAll(library, value => (double)value);
        for (var k = 0; k < ours.Length; k++)
        {
            if (IsEqual(ours[k], theirs[k])) continue;
            if (_plan.Exactness == TranslationExactness.LastBit && IsNextTo((float)ours[k], (float)theirs[k])) continue;
            return Invariant($"the converted model gives {ours[k]:R} as output {k}, and the library {theirs[k]:R}");
        }

        return null;
    }

    private string? DiffersByMoreThanRounding(float[] row, double[] ours, float[] library)
    {
        var expected = Predict(_link, Array.ConvertAll(_sums, sum => (float)Predict(sum, row)[0]));
        for (var k = 0; k < ours.Length; k++)
        {
            if (IsEqual(ours[k], expected[k])) continue;
            return Invariant($"the converted model gives {ours[k]:R} as output {k} instead of {expected[k]:R}");
        }

        var sums = _plan.Scores.Select(score => score.Sum(row)).ToArray();
        // Without the score of one class, the library continues with those of the others; the core gives no probability at all.
        if (sums.Any(double.IsNaN) && library.Any(float.IsNaN)) return null;
        var ranges = Ranges(row, sums);
        for (var k = 0; k < library.Length; k++)
        {
            var (low, high) = ranges[k];
            var isInside = double.IsNaN(low) ? float.IsNaN(library[k]) : library[k] >= (float)low && library[k] <= (float)high;
            if (isInside) continue;
            // Where weights are kept densely, the library multiplies a missing value by a weight of 0; the core does not read it.
            if (float.IsNaN(library[k]) && Array.Exists(row, float.IsNaN)) continue;
            return Invariant($"the library gives {library[k]:R} as output {k}, outside {low:R} to {high:R}");
        }

        return null;
    }

    /// <summary>Between what the library's answers can lie, given that it rounds its sums.</summary>
    private (double Low, double High)[] Ranges(float[] row, double[] sums)
    {
        var errors = _plan.Scores.Select(score => score.RoundingError(row)).ToArray();
        if (_plan.AppliesLink) return [.. sums.Select((sum, k) => Widen(sum - errors[k], sum + errors[k]))];
        if (_model.Signature.Task != TaskKind.MulticlassClassification)
        {
            return [Ordered(Linked(0, sums[0] - errors[0]), Linked(0, sums[0] + errors[0]))];
        }

        // Relative to the largest, which leaves the shares as they are and lets nothing overflow.
        var isCalibrated = _plan.Scores.All(score => score.Calibration is not null);
        var shift = isCalibrated ? 0 : sums.Max();
        var inExponent = isCalibrated ? 0 : FewRoundings * (1 + sums.Max(Math.Abs));
        var parts = sums
            .Select((sum, k) => Ordered(
                Part(k, sum - shift - errors[k] - inExponent),
                Part(k, sum - shift + errors[k] + inExponent)))
            .ToArray();
        var (lowest, highest) = (parts.Sum(part => part.Low), parts.Sum(part => part.High));
        // The library rounds the logarithm of the sum, so that its probabilities need not add up to 1.
        return
        [
            .. parts.Select(part => Widen(
                part.Low / (part.Low + highest - part.High) * (1 - inExponent),
                part.High / (part.High + lowest - part.Low) * (1 + inExponent)))
        ];
    }

    private double Linked(int output, double score) => _plan.Scores[output] switch
    {
        { IsExponential: true } => Math.Exp(score),
        { Calibration: { } calibration } when _model.Signature.Task == TaskKind.BinaryClassification => calibration.Probability(score),
        _ => score,
    };

    private double Part(int output, double score) =>
        _plan.Scores[output].Calibration is { } calibration ? calibration.Probability(score) : Math.Exp(score);

    private static (double Low, double High) Ordered(double one, double other) => Widen(Math.Min(one, other), Math.Max(one, other));

    private static (double Low, double High) Widen(double low, double high) =>
        (low - FewRoundings * Math.Abs(low) - float.Epsilon, high + FewRoundings * Math.Abs(high) + float.Epsilon);

    private double[] Predict(IModel model, float[] row)
    {
        var output = new double[model.Signature.Outputs];
        model.Predict(new FeatureBlock(row, row.Length), output, _scratch);
        return output;
    }

    private static bool IsEqual(double a, double b) => a == b || (double.IsNaN(a) && double.IsNaN(b));

    private static bool IsNextTo(float a, float b) => float.BitIncrement(a) == b || float.BitDecrement(a) == b;
}
