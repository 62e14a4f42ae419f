using System.Collections.Immutable;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>Takes the library's models apart.</summary>
internal static class ScoreReading
{
    /// <summary>Reads a model with one score.</summary>
    /// <exception cref="NotTranslatableException">The core has nothing to compute it with.</exception>
    public static ScalarScore Read(object model) => model switch
    {
        CalibratedModelParametersBase calibrated =>
            Read(calibrated.SubModel) with { Calibration = Read(calibrated.Calibrator) },
        FastTreeTweedieModelParameters trees => TreeReading.Read(trees.TrainedTreeEnsemble.Trees) with { IsExponential = true },
        FastForestRegressionModelParameters trees =>
            TreeReading.Read(trees.TrainedTreeEnsemble.Trees) with { Divisor = trees.TrainedTreeEnsemble.Trees.Count },
        TreeEnsembleModelParametersBasedOnRegressionTree trees => TreeReading.Read(trees.TrainedTreeEnsemble.Trees),
        TreeEnsembleModelParametersBasedOnQuantileRegressionTree trees => TreeReading.Read(trees.TrainedTreeEnsemble.Trees),
        GamModelParametersBase additive => Read(additive),
        PoissonRegressionModelParameters linear => Read(linear) with { IsExponential = true },
        LinearModelParameters linear => Read(linear),
        _ => throw new NotTranslatableException($"The core has no counterpart of {Name(model)}."),
    };

    /// <summary>Reads a calibration.</summary>
    /// <exception cref="NotTranslatableException">The core has nothing to compute it with.</exception>
    public static Calibration Read(ICalibrator calibrator) => calibrator switch
    {
        PlattCalibrator platt => Calibration.Platt(platt.Slope, platt.Offset),
        IsotonicCalibrator steps => Calibration.Isotonic(steps.Mins.AsSpan(), steps.Maxes.AsSpan(), steps.Values.AsSpan()),
        NaiveCalibrator bins => Calibration.Binned(bins.Min, bins.BinSize, [.. bins.BinProbs]),
        _ => throw new NotTranslatableException($"The core has no counterpart of {Name(calibrator)}."),
    };

    /// <summary>Reads a model with a score per class, in the library's order of the classes.</summary>
    /// <returns>The scores, and what becomes of them.</returns>
    /// <exception cref="NotTranslatableException">The core has nothing to compute it with.</exception>
    public static (ImmutableArray<ScalarScore> Scores, ClassFormula Formula) ReadClasses(object model)
    {
        switch (model)
        {
            case LinearMulticlassModelParametersBase linear:
                VBuffer<float>[]? weights = null;
                linear.GetWeights(ref weights!, out var count);
                var biases = linear.GetBiases().ToArray();
                return (
                    [.. Enumerable.Range(0, count).Select(k => (ScalarScore)new LinearScore(biases[k], [.. weights[k].DenseValues()]))],
                    linear is MaximumEntropyModelParameters ? ClassFormula.MaximumEntropy : ClassFormula.Raw);
            case OneVersusAllModelParameters classes:
                return (
                    [.. LibraryInternals.Classes(classes).Select(Read)],
                    LibraryInternals.Formula(classes) switch
                    {
                        "Raw" => ClassFormula.Raw,
                        "ProbabilityNormalization" => ClassFormula.NormalizedProbabilities,
                        "Softmax" => ClassFormula.NormalizedExponential,
                        var other => throw new NotTranslatableException($"The core cannot combine classes by {other}."),
                    });
            default:
                throw new NotTranslatableException($"The core has no counterpart of {Name(model)}.");
        }
    }

    private static LinearScore Read(LinearModelParameters linear) => new(linear.Bias, [.. linear.Weights]);

    /// <remarks>A missing value compares as less than any number, and so belongs to the first bin.</remarks>
    private static AdditiveScore Read(GamModelParametersBase additive)
    {
        var bounds = LibraryInternals.UpperBounds(additive);
        var effects = LibraryInternals.Effects(additive);
        var features = LibraryInternals.Features(additive);
        return new AdditiveScore(
            additive.Bias,
            [
                .. Enumerable.Range(0, effects.Length)
                    .Where(shape => features[shape] >= 0)
                    .OrderBy(shape => features[shape])
                    .Select(shape => new AdditiveTerm(features[shape], bounds[shape], effects[shape], effects[shape][0]))
            ]);
    }

    private static string Name(object model) => model.GetType().Name.Split('`')[0];
}
