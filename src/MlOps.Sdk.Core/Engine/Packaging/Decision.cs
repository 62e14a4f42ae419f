using System.Text.Json.Serialization;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Packaging;

/// <summary>How scores become answers.</summary>
/// <param name="Labels">The label and its classes.</param>
/// <param name="Threshold">The score from which a binary classifier decides positive.</param>
public sealed record Decision([property: JsonRequired] LabelEncoding Labels, double Threshold)
{
    /// <summary>The class that scores decide for: by threshold (binary), or the highest score (multiclass). 0 for regression.</summary>
    /// <param name="scores">The scores of one row.</param>
    public int Decide(ReadOnlySpan<double> scores)
    {
        if (Labels.Task == TaskKind.BinaryClassification) return scores[0] >= Threshold ? 1 : 0;
        var best = 0;
        for (var k = 1; k < scores.Length; k++)
        {
            if (scores[k] > scores[best]) best = k;
        }

        return best;
    }
}
