using static System.FormattableString;

namespace MlOps.Sdk.Training;

/// <summary>
/// Builds models from their parts, wherever they were trained: a plug-in that can tell its trees, coefficients or step functions needs no
/// model of its own. What it builds is immutable and thread-safe, predicts without allocation, and is read back without the plug-in.
/// </summary>
public static class ModelFactory
{
    private const int MostOutputs = 1 << 20;

    /// <summary>
    /// Builds a model of trees (format <c>mlops.trees/1</c>). The raw score of an output is its base score and what its trees add, summed
    /// in double precision and in the order of the trees; the link then gives the prediction.
    /// </summary>
    /// <param name="signature">What is read and written.</param>
    /// <param name="trees">The trees; none is allowed. 16,777,216 splits and leaves at most in all.</param>
    /// <param name="baseScores">The raw score per output before any tree.</param>
    /// <param name="link">From raw scores to predictions.</param>
    /// <exception cref="MlOpsException">
    /// The parts are not a model: a feature, output or child that does not exist, a cycle, a child of two splits, a number not finite,
    /// or a link that does not fit the task.
    /// </exception>
    public static IModel Trees(
        ModelSignature signature, IReadOnlyList<DecisionTree> trees, ReadOnlySpan<double> baseScores, ScoreLink link)
    {
        ArgumentNullException.ThrowIfNull(trees);
        Check(signature, link);
        CheckNumbers("base scores", baseScores, signature.Outputs);
        return new TreesModel(signature, DescribedTrees.Assemble(signature, trees, baseScores.ToArray()), link);
    }

    /// <summary>
    /// Builds a linear model (format <c>mlops.linear/1</c> with the link of the built-in trainers, <c>mlops.linear/2</c> with any other).
    /// The raw score of an output is its intercept and each feature times its coefficient, summed in double precision. A missing feature
    /// makes the prediction NaN, unless its coefficient is 0: then it is not read.
    /// </summary>
    /// <param name="signature">What is read and written.</param>
    /// <param name="coefficients">Output after output, one number per feature.</param>
    /// <param name="intercepts">One number per output.</param>
    /// <param name="link">From raw scores to predictions.</param>
    /// <exception cref="MlOpsException">The numbers are too many, too few or not finite, or the link does not fit the task.</exception>
    public static IModel Linear(
        ModelSignature signature, ReadOnlySpan<double> coefficients, ReadOnlySpan<double> intercepts, ScoreLink link)
    {
        Check(signature, link);
        CheckNumbers("coefficients", coefficients, (long)signature.Outputs * signature.Features);
        CheckNumbers("intercepts", intercepts, signature.Outputs);
        return new LinearModel(signature, coefficients.ToArray(), intercepts.ToArray(), link);
    }

    /// <summary>
    /// Builds an additive model (format <c>mlops.additive/1</c>). The raw score of an output is its intercept and what its terms add,
    /// summed in double precision and in the order of the terms.
    /// </summary>
    /// <param name="signature">What is read and written.</param>
    /// <param name="terms">The terms; none is allowed, and so are several of one feature.</param>
    /// <param name="intercepts">One number per output.</param>
    /// <param name="link">From raw scores to predictions.</param>
    /// <exception cref="MlOpsException">
    /// The parts are not a model: a feature or output that is not there, bounds that do not ascend, a number that is not finite, or a link
    /// that does not fit the task.
    /// </exception>
    public static IModel Additive(
        ModelSignature signature, IReadOnlyList<AdditiveTerm> terms, ReadOnlySpan<double> intercepts, ScoreLink link)
    {
        ArgumentNullException.ThrowIfNull(terms);
        Check(signature, link);
        CheckNumbers("intercepts", intercepts, signature.Outputs);
        return new AdditiveModel(
            signature,
            intercepts.ToArray(),
            [.. terms.Select((term, number) => StepFunction.Create(term, number, signature))],
            link);
    }

    private static void Check(ModelSignature signature, ScoreLink link)
    {
        ArgumentNullException.ThrowIfNull(signature);
        ArgumentNullException.ThrowIfNull(link);
        if (ModelHeader.Refuse(signature) is { } why)
        {
            throw new ImpossibleModelException(
                Invariant($"{signature.Task} with {signature.Features} features and {signature.Outputs} outputs is not possible: {why}."),
                "A model must read at least one feature, and return one number, or one per class of several classes.");
        }

        if (signature.Outputs > MostOutputs)
        {
            throw new ImpossibleModelException(
                Invariant($"A model of {signature.Outputs} outputs has more than {MostOutputs}."),
                "Group rare classes.");
        }

        link.Check(signature);
    }

    private static void CheckNumbers(string what, ReadOnlySpan<double> numbers, long count)
    {
        if (numbers.Length != count)
        {
            throw new ImpossibleModelException(
                Invariant($"There are {numbers.Length} {what}, and {count} are needed."),
                "Give one base score or intercept per output, and one coefficient per output and feature.");
        }

        for (var i = 0; i < numbers.Length; i++)
        {
            if (double.IsFinite(numbers[i])) continue;
            throw new ImpossibleModelException(
                Invariant($"Number {i} of the {what} is {numbers[i]}."),
                "All must be finite; a diverged training gives other values.");
        }
    }
}
