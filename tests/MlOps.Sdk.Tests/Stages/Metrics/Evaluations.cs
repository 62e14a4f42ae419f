using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Tests.Metrics;

/// <summary>Drawn labels and scores of a model that is better than chance.</summary>
internal static class Evaluations
{
    public static Evaluation Binary(int rows, double noise = 1.5)
    {
        // Labels depend on the row alone, so that evaluations of one size share them.
        var (labels, scores, groups) = (new double[rows], new double[rows], new string?[rows]);
        var (ofLabels, ofScores) = (new SeededRandom(11), new SeededRandom(12));
        for (var i = 0; i < rows; i++)
        {
            labels[i] = ofLabels.NextDouble() < 0.4 ? 1 : 0;
            groups[i] = ofLabels.Next(2) == 0 ? "a" : "b";
            scores[i] = 1 / (1 + Math.Exp(-(2 * labels[i] - 1 + noise * (ofScores.NextDouble() * 2 - 1) * 1.7)));
        }

        return new Evaluation
        {
            Task = TaskKind.BinaryClassification,
            Labels = labels,
            Scores = scores,
            Groups = new Dictionary<string, IReadOnlyList<string?>> { ["g"] = groups }
        };
    }

    public static Evaluation Weighted(Evaluation evaluation, double[] weights) => new()
    {
        Task = evaluation.Task,
        Labels = evaluation.Labels,
        Scores = evaluation.Scores,
        ClassCount = evaluation.ClassCount,
        Threshold = evaluation.Threshold,
        Groups = evaluation.Groups,
        Weights = weights,
    };

    public static Evaluation Multiclass(int rows)
    {
        var random = new SeededRandom(21);
        var (labels, scores) = (new double[rows], new double[rows * 3]);
        for (var i = 0; i < rows; i++)
        {
            labels[i] = random.Next(3);
            var sum = 0.0;
            for (var k = 0; k < 3; k++) sum += scores[i * 3 + k] = random.NextDouble() + (k == labels[i] ? 0.5 : 0);
            for (var k = 0; k < 3; k++) scores[i * 3 + k] /= sum;
        }

        return new Evaluation { Task = TaskKind.MulticlassClassification, ClassCount = 3, Labels = labels, Scores = scores };
    }

    public static Evaluation Regression(int rows)
    {
        var random = new SeededRandom(31);
        var labels = Enumerable.Range(0, rows).Select(_ => random.NextDouble() * 10 + 1).ToArray();
        return new Evaluation
        {
            Task = TaskKind.Regression,
            ClassCount = 1,
            Labels = labels,
            Scores = labels.Select(label => label + random.NextDouble() - 0.5).ToArray()
        };
    }
}
