using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Training;

/// <summary>From raw scores to the natural scale.</summary>
internal static class Link
{
    public static double Sigmoid(double score) => 1 / (1 + Math.Exp(-score));

    /// <summary>Softmax in place; the largest score is subtracted first, so that nothing overflows.</summary>
    public static void Softmax(Span<double> scores)
    {
        var largest = double.NegativeInfinity;
        foreach (var score in scores) largest = Math.Max(largest, score);
        var sum = 0.0;
        for (var k = 0; k < scores.Length; k++) sum += scores[k] = Math.Exp(scores[k] - largest);
        for (var k = 0; k < scores.Length; k++) scores[k] /= sum;
    }

    /// <summary>Turns the raw scores of one row into predictions, in place.</summary>
    public static void Apply(TaskKind task, Span<double> scores)
    {
        if (task == TaskKind.BinaryClassification) scores[0] = Sigmoid(scores[0]);
        else if (task == TaskKind.MulticlassClassification) Softmax(scores);
    }
}
