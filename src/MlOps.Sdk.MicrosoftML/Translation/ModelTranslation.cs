using System.Collections.Immutable;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// Turns a model of Microsoft.ML into one of the core: thread-safe, without allocation, and on machines where the library is not. What
/// comes out was compared with the library's own predictions on rows that were given and on rows that provoke a difference; what differs
/// is not translated.
/// </summary>
/// <remarks>
/// Translated are trees (FastTree, FastForest, LightGBM; for two classes, several classes and regression), additive models, linear models
/// (SDCA, L-BFGS, averaged perceptron, SVM, SGD, online gradient descent, Poisson regression), their calibrations (Platt, isotonic,
/// binned), maximum entropy, and one versus all of any of these. Trees and additive models are bit-equal for dense feature vectors; linear
/// models are as close as <see cref="TranslationExactness.Rounding"/> says.
/// </remarks>
internal static class ModelTranslation
{
    /// <summary>Translates a model. Takes as long as the library takes for about two thousand predictions.</summary>
    /// <returns>The model, or why there is none; a model that cannot be translated is not a failure.</returns>
    /// <exception cref="ArgumentException">The classes are not a permutation, or a row has another length.</exception>
    public static Translation Translate(TranslationRequest request)
    {
        Check(request);
        try
        {
            var predictor = LocatedPredictor.In(request.Predictor);
            if (predictor.Width != request.Signature.Features)
            {
                throw new NotTranslatableException(
                    $"The model reads {predictor.Width} features, but gets {request.Signature.Features}.");
            }

            var plan = request.Signature.Task switch
            {
                TaskKind.BinaryClassification => OfTwoClasses(request, predictor),
                TaskKind.MulticlassClassification => OfClasses(request, predictor),
                _ => OfNumber(predictor),
            };
            return Build(request, predictor, plan);
        }
        catch (NotTranslatableException e)
        {
            return Translation.Refused(e.Message);
        }
        catch (MlOpsException e)
        {
            // The library made what the core does not accept, such as a leaf that is not finite.
            return Translation.Refused(e.Problem);
        }
    }

    private static Translation Build(TranslationRequest request, LocatedPredictor predictor, TranslationPlan plan)
    {
        var first = plan.Scores[0];
        if (plan.Scores.Any(score => score.GetType() != first.GetType() || score.Divisor != first.Divisor))
        {
            throw new NotTranslatableException("The classes have models of different kinds.");
        }

        // Of several classes, one may have no rows to learn from.
        if (plan.Scores.All(score => score.IsEmpty))
        {
            throw new NotTranslatableException(
                "It found no split, and would return 0 for every row. There are too few rows for its leaves, or no feature " +
                    "tells anything.");
        }

        if (plan.Scores.Any(score => score.LeastWidth > predictor.Width))
        {
            throw new NotTranslatableException("The model reads features beyond its feature vector.");
        }

        var link = plan.Link.DividedBy(first.Divisor);
        var model = first.Build(request.Signature, plan.Scores, link);
        var rows = ComparisonRows.Create(predictor.Width, request.Rows, plan.Scores.SelectMany(score => score.Edges));
        if (TranslationComparison.FirstDifference(request, predictor, plan, model, rows) is { } difference)
        {
            model.Dispose();
            throw new NotTranslatableException(difference);
        }

        var parts = plan.Scores.Length == 1 ? first.Parts : $"{plan.Scores.Length} classes of {first.Parts}";
        return Translation.Of(model, parts, plan, rows.Count);
    }

    private static TranslationPlan OfNumber(LocatedPredictor predictor)
    {
        var score = ScoreReading.Read(predictor.Model);
        return new TranslationPlan(
            [score],
            (score.IsExponential ? ScoreLink.Exponential : ScoreLink.Identity).InSinglePrecision(),
            LibraryScores.Score,
            score.Exactness);
    }

    private static TranslationPlan OfTwoClasses(TranslationRequest request, LocatedPredictor predictor)
    {
        var score = ScoreReading.Read(predictor.Model);
        if (score.IsExponential) throw new NotTranslatableException("The model predicts a number, not a class.");
        var own = score.Calibration ?? (predictor.Calibrator is null ? null : ScoreReading.Read(predictor.Calibrator));
        var calibration = own
            ?? request.Calibration
            ?? throw new NotTranslatableException("The model returns a raw score instead of a probability, and no calibration was given.");
        return new TranslationPlan(
            [score with { Calibration = calibration }],
            ScoreLink.Calibrated(calibration).InSinglePrecision(),
            own is null ? LibraryScores.Score : LibraryScores.Probability,
            score.Exactness)
        {
            AppliesLink = own is null,
        };
    }

    private static TranslationPlan OfClasses(TranslationRequest request, LocatedPredictor predictor)
    {
        var (scores, formula) = ScoreReading.ReadClasses(predictor.Model);
        if (scores.Length != request.Signature.Outputs)
        {
            throw new NotTranslatableException(
                $"The model has {scores.Length} classes, but the problem has {request.Signature.Outputs}.");
        }

        if (scores.Any(score => score.IsExponential)) throw new NotTranslatableException("The model predicts numbers, not classes.");
        ImmutableArray<int> order = request.Classes.Count > 0 ? [.. request.Classes] : [.. Enumerable.Range(0, scores.Length)];
        ImmutableArray<ScalarScore> ordered = [.. order.Select(k => scores[k])];
        if (formula == ClassFormula.NormalizedProbabilities && ordered.Any(score => score.Calibration is null))
        {
            throw new NotTranslatableException("A class of the model has no calibration.");
        }

        var link = formula switch
        {
            ClassFormula.NormalizedExponential => ScoreLink.NormalizedExponential,
            ClassFormula.MaximumEntropy => ScoreLink.Softmax,
            ClassFormula.NormalizedProbabilities => ScoreLink.Calibrated([.. ordered.Select(score => score.Calibration!)]),
            _ => request.Link
                ?? throw new NotTranslatableException("The model returns raw scores instead of probabilities, and no link was given."),
        };
        var isInOrder = order.SequenceEqual(Enumerable.Range(0, order.Length));
        var exactness = ordered.Max(score => score.Exactness);
        return new TranslationPlan(
            ordered,
            link.InSinglePrecision(),
            LibraryScores.Score,
            exactness == TranslationExactness.BitEqual && !isInOrder ? TranslationExactness.LastBit : exactness)
        {
            Order = order,
            AppliesLink = formula == ClassFormula.Raw,
        };
    }

    private static void Check(TranslationRequest request)
    {
        var (classes, outputs) = (request.Classes, request.Signature.Outputs);
        if (classes.Count > 0 && !classes.Order().SequenceEqual(Enumerable.Range(0, outputs)))
        {
            throw new ArgumentException($"[{string.Join(", ", classes)}] is not an order of {outputs} classes.", nameof(request));
        }

        if (request.Rows.FirstOrDefault(row => row.Length != request.Signature.Features) is { } row)
        {
            throw new ArgumentException($"A row has {row.Length} features, not {request.Signature.Features}.", nameof(request));
        }
    }
}
