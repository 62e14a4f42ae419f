using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Tests.Training;

/// <summary>A model as it is described, beside a plain evaluation of the description to compare it with.</summary>
/// <param name="Name">What the test says.</param>
/// <param name="Model">The model that the factory built.</param>
/// <param name="Reference">The predictions of a row, by the book.</param>
internal sealed record DescribedModel(string Name, IModel Model, Func<float[], double[]> Reference)
{
    private static readonly double[] LogOdds = [0.3, -0.1, 0.2];

    public override string ToString() => Name;

    /// <summary>One of every kind that takes a way of its own through the evaluators.</summary>
    public static IEnumerable<DescribedModel> All() =>
    [
        Trees("leaf masks", TaskKind.BinaryClassification, leaves: 20, sets: false, ScoreLink.Logistic, Logistic),
        Trees("leaf masks with sets", TaskKind.BinaryClassification, leaves: 32, sets: true, ScoreLink.Logistic, Logistic),
        Trees("a walk", TaskKind.Regression, leaves: 80, sets: false, ScoreLink.Identity, scores => scores),
        Trees("a walk with sets", TaskKind.Regression, leaves: 80, sets: true, ScoreLink.Exponential, scores => [Math.Exp(scores[0])]),
        Trees("classes by leaf masks", TaskKind.MulticlassClassification, leaves: 12, sets: true, ScoreLink.Softmax, Softmax),
        Trees("classes by a walk", TaskKind.MulticlassClassification, leaves: 40, sets: true, ScoreLink.NormalizedExponential, Softmax),
        Forest(),
        Linear("logistic", TaskKind.BinaryClassification, ScoreLink.Logistic, Logistic),
        Linear("counts", TaskKind.Regression, ScoreLink.Exponential, scores => [Math.Exp(scores[0])]),
        Linear("classes, each calibrated", TaskKind.MulticlassClassification, OneVersusAll(), NormalizedSteps),
        Additive("two classes", TaskKind.BinaryClassification, ScoreLink.Calibrated(Calibration.Platt(-2, 0.5)), PlattScaled),
        Additive("several classes", TaskKind.MulticlassClassification, ScoreLink.Softmax, Softmax),
    ];

    /// <summary>Rows of numbers around zero, with missing values, zeros, infinities and what no training ever saw among them.</summary>
    public static float[][] Rows(int count, int width, int seed)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, count)
                .Select(_ => Enumerable.Range(0, width)
                    .Select(_ => random.Next(12) switch
                    {
                        0 => float.NaN,
                        1 => 0f,
                        2 => random.Next(8) == 0 ? float.PositiveInfinity : float.Epsilon,
                        3 => random.Next(8) == 0 ? float.NegativeInfinity : -0f,
                        4 => (float)(random.NextDouble() * 2e6 - 1e6),
                        _ => (float)(random.NextDouble() * 4 - 2),
                    })
                    .ToArray())
                .ToArray()
        ];
    }

    public static double[] Predict(IModel model, float[] row)
    {
        var output = new double[model.Signature.Outputs];
        model.Predict(new FeatureBlock(row, row.Length), output, new PredictScratch());
        return output;
    }

    /// <summary>A tree of a random shape whose splits and leaves stand in a random order.</summary>
    public static DecisionTree Tree(Random random, int leaves, int width, bool sets, int output)
    {
        var order = Enumerable.Range(1, Math.Max(0, leaves - 2)).ToArray();
        random.Shuffle(order);
        int[] splitOf = leaves == 1 ? [] : [0, .. order];
        var leafOf = Enumerable.Range(0, leaves).ToArray();
        random.Shuffle(leafOf);
        var splits = new TreeSplit[leaves - 1];
        var (nextSplit, nextLeaf) = (1, 0);
        for (var i = 0; i < splits.Length; i++)
        {
            int Child()
            {
                // There must always be a split that the next one can hang on.
                var isOpen = nextSplit > i + 1;
                return nextSplit < splits.Length && (!isOpen || random.Next(2) == 0) ? splitOf[nextSplit++] : ~leafOf[nextLeaf++];
            }

            var (left, right) = (Child(), Child());
            splits[splitOf[i]] = random.Next(sets ? 4 : 2) switch
            {
                0 when random.Next(6) == 0 => TreeSplit.Missing(random.Next(width), left, right),
                2 or 3 => TreeSplit.AnyOf(
                    [.. Enumerable.Range(0, width).Where(_ => random.Next(width) < 4).DefaultIfEmpty(random.Next(width))], left, right),
                _ => TreeSplit.Below(
                    random.Next(width), (float)Math.Round(random.NextDouble() * 4 - 2, 1), left, right, random.Next(2) == 0),
            };
        }

        return new DecisionTree(splits, [.. Enumerable.Range(0, leaves).Select(_ => random.NextDouble() - 0.5)], output);
    }

    public static double Evaluate(DecisionTree tree, float[] row)
    {
        var at = tree.Splits.Count > 0 ? 0 : ~0;
        while (at >= 0)
        {
            var split = tree.Splits[at];
            var right = split.Slots is { } slots
                ? slots.Any(slot => row[slot] > 0)
                : float.IsNaN(row[split.Feature]) ? split.MissingRight : row[split.Feature] >= split.Threshold;
            at = right ? split.Right : split.Left;
        }

        return tree.Leaves[~at];
    }

    private static DescribedModel Trees(
        string name, TaskKind task, int leaves, bool sets, ScoreLink link, Func<double[], double[]> apply)
    {
        const int width = 9;
        var random = new Random(leaves);
        var outputs = task == TaskKind.MulticlassClassification ? 3 : 1;
        // Outputs in no order, and one tree that is a single leaf.
        DecisionTree[] trees =
        [
            .. Enumerable.Range(0, 41).Select(_ => Tree(random, leaves, width, sets, random.Next(outputs))),
            new DecisionTree([], [0.25], outputs - 1),
        ];
        var bases = LogOdds[..outputs];
        return new DescribedModel(
            $"trees: {name}",
            ModelFactory.Trees(new ModelSignature(task, width, outputs), trees, bases, link),
            row =>
            {
                var scores = (double[])bases.Clone();
                foreach (var tree in trees) scores[tree.Output] += Evaluate(tree, row);
                return apply(scores);
            });
    }

    private static DescribedModel Forest()
    {
        const int width = 5;
        var random = new Random(7);
        var trees = Enumerable.Range(0, 30).Select(_ => Tree(random, 16, width, sets: false, 0)).ToArray();
        return new DescribedModel(
            "trees: a forest in single precision",
            ModelFactory.Trees(
                new ModelSignature(TaskKind.Regression, width, 1), trees, [0], ScoreLink.Identity.InSinglePrecision().DividedBy(30)),
            row =>
            {
                var sum = 0.0;
                foreach (var tree in trees) sum += Evaluate(tree, row);
                return [(float)sum / 30];
            });
    }

    private static DescribedModel Linear(string name, TaskKind task, ScoreLink link, Func<double[], double[]> apply)
    {
        const int width = 7;
        var random = new Random(3);
        var outputs = task == TaskKind.MulticlassClassification ? 3 : 1;
        var coefficients = Enumerable.Range(0, outputs * width).Select(_ => random.NextDouble() - 0.5).ToArray();
        var intercepts = LogOdds[..outputs];
        return new DescribedModel(
            $"linear: {name}",
            ModelFactory.Linear(new ModelSignature(task, width, outputs), coefficients, intercepts, link),
            row =>
            {
                var scores = (double[])intercepts.Clone();
                for (var k = 0; k < outputs; k++)
                {
                    for (var j = 0; j < width; j++) scores[k] += coefficients[k * width + j] * row[j];
                }

                return apply(scores);
            });
    }

    private static DescribedModel Additive(string name, TaskKind task, ScoreLink link, Func<double[], double[]> apply)
    {
        const int width = 6;
        var random = new Random(4);
        var outputs = task == TaskKind.MulticlassClassification ? 3 : 1;
        AdditiveTerm[] terms =
        [
            .. Enumerable.Range(0, 2 * width).Select(_ =>
            {
                double[] bounds =
                [
                    .. Enumerable.Range(0, random.Next(40)).Select(_ => random.NextDouble() * 4 - 2).Order(),
                    double.PositiveInfinity
                ];
                double[] effects = [.. bounds.Select(_ => random.NextDouble() - 0.5)];
                return new AdditiveTerm(random.Next(width), bounds, effects, random.NextDouble(), random.Next(outputs));
            })
        ];
        var intercepts = LogOdds[..outputs];
        return new DescribedModel(
            $"additive: {name}",
            ModelFactory.Additive(new ModelSignature(task, width, outputs), terms, intercepts, link),
            row =>
            {
                var scores = (double[])intercepts.Clone();
                foreach (var term in terms)
                {
                    var value = row[term.Feature];
                    scores[term.Output] += float.IsNaN(value)
                        ? term.MissingEffect
                        : term.Effects[term.UpperBounds.ToList().FindIndex(bound => value <= bound)];
                }

                return apply(scores);
            });
    }

    private static ScoreLink OneVersusAll() => ScoreLink.Calibrated(
        Calibration.Platt(-1.5, 0.25),
        Calibration.Isotonic([-1f, 0.5f], [0f, 1f], [0.2f, 0.9f]),
        Calibration.Binned(-1f, 0.5f, [0.1f, 0.3f, 0.6f, 0.8f]));

    private static double[] NormalizedSteps(double[] scores)
    {
        double Isotonic(double score) => score switch
        {
            double.NaN => double.NaN,
            <= 0 => 0.2f,
            >= 0.5 => 0.9f,
            _ => 0.2f + ((float)score - 0f) / (0.5f - 0f) * (0.9f - 0.2f),
        };
        double Binned(double score) => double.IsNaN(score) ? double.NaN : score switch
        {
            < -0.5 => 0.1f,
            < 0 => 0.3f,
            < 0.5 => 0.6f,
            _ => 0.8f,
        };
        double[] probabilities = [1 / (1 + Math.Exp(-1.5 * scores[0] + 0.25)), Isotonic(scores[1]), Binned((float)scores[2])];
        var sum = probabilities.Where(probability => !double.IsNaN(probability)).Sum();
        return sum > 0 ? [.. probabilities.Select(probability => probability / sum)] : probabilities;
    }

    private static double[] Logistic(double[] scores) => [1 / (1 + Math.Exp(-scores[0]))];

    private static double[] PlattScaled(double[] scores) => [1 / (1 + Math.Exp(-2 * scores[0] + 0.5))];

    private static double[] Softmax(double[] scores)
    {
        var exponentials = scores.Select(score => Math.Exp(score - scores.Max())).ToArray();
        return [.. exponentials.Select(exponential => exponential / exponentials.Sum())];
    }
}
