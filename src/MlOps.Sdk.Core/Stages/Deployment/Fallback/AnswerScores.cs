using System.Globalization;
using MlOps.Sdk.Data;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Deployment;

/// <summary>Makes the scores and the decision of an answer that no model gives.</summary>
internal static class AnswerScores
{
    /// <summary>Writes the scores.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="decision">The task, the classes and the threshold of the model.</param>
    /// <param name="scores">Receives the scores.</param>
    /// <returns>The class; 0 for a regression.</returns>
    /// <exception cref="MlOpsException">The answer is not one of the model.</exception>
    public static int Write(FallbackAnswer? answer, Decision decision, Span<double> scores)
    {
        if (answer is null) throw Wrong("The fallback gives no answer.", "Return a FallbackAnswer.");
        var labels = decision.Labels;
        var (score, label) = (answer.Score, answer.Label is null ? -1 : ClassOf(answer.Label, labels));
        if (score is { } number && (!double.IsFinite(number) || (labels.Task != TaskKind.Regression && number is < 0 or > 1)))
        {
            throw Wrong(
                string.Create(CultureInfo.InvariantCulture, $"The score of the fallback is {number}."),
                labels.Task == TaskKind.Regression ? "Give a finite number." : "Give a probability, 0 to 1.");
        }

        switch (labels.Task)
        {
            case TaskKind.Regression:
                scores[0] = score ?? throw Wrong("The fallback has no score, and a regression answers with one.", "Give a score.");
                return 0;
            case TaskKind.BinaryClassification:
                if (score is null && label < 0) throw Wrong("The fallback has neither a score nor a class.", "Give one of them.");
                scores[0] = score ?? label;
                return label < 0 ? decision.Decide(scores) : label;
            default:
                if (label < 0) throw Wrong("The fallback has no class.", $"Give one of: {string.Join(", ", labels.Classes.Take(20))}.");
                var rest = scores.Length > 1 ? (1 - (score ?? 1)) / (scores.Length - 1) : 0;
                scores.Fill(rest);
                scores[label] = score ?? 1;
                return label;
        }
    }

    private static int ClassOf(string label, LabelEncoding labels)
    {
        for (var i = 0; i < labels.Classes.Count; i++)
        {
            if (labels.Classes[i] == label) return i;
        }

        var shown = PrintableText.Shorten(label);
        if (labels.Classes.Count == 0) throw Wrong($"The fallback has the class '{shown}', and a regression has none.", "Give a score.");
        var near = NearestName.Find(label, labels.Classes);
        throw Wrong(
            $"The fallback has the class '{shown}', which the model does not have.",
            $"{(near is null ? "" : $"Did you mean '{near}'? ")}It has: {string.Join(", ", labels.Classes.Take(20))}.");
    }

    private static MlOpsException Wrong(string problem, string remedy) => new(problem, remedy);
}
