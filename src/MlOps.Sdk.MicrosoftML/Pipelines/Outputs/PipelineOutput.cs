using System.Text.Json.Serialization;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>How the columns that a pipeline writes become a model's outputs. Immutable and thread-safe.</summary>
/// <param name="Kind">Where the prediction stands.</param>
/// <param name="Classes">
/// The class, in the problem's order, of each slot of <c>Score</c>; empty unless <see cref="OutputKind.ClassScores"/>.
/// </param>
/// <param name="Scalings">
/// How margins become probabilities: one for a binary problem, one for each class for several; empty where the numbers are the outputs.
/// </param>
internal sealed record PipelineOutput(OutputKind Kind, IReadOnlyList<int> Classes, IReadOnlyList<PlattScaling> Scalings)
{
    /// <summary>The name of the column that is read.</summary>
    [JsonIgnore]
    public string Column => Kind == OutputKind.Probability ? "Probability" : "Score";

    /// <summary>
    /// Whether the probability or margin is that of the problem's negative class, as where the positive one is called false. It is turned
    /// round when it is read: raw values are of the positive class.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsReversed { get; init; }

    /// <summary>The number of raw values of a row: one for each class of the problem where there are scores of classes, else one.</summary>
    public int RawCount(int classCount) => Kind == OutputKind.ClassScores ? classCount : 1;

    /// <summary>Whether a description from a file is possible.</summary>
    public bool IsValid(ModelSignature signature)
    {
        var classes = signature.Task switch
        {
            TaskKind.Regression => 1,
            TaskKind.BinaryClassification => 2,
            _ => signature.Outputs,
        };
        var scalings = signature.Task == TaskKind.MulticlassClassification ? classes : 1;
        return Kind switch
            {
                OutputKind.Probability => signature.Task == TaskKind.BinaryClassification && Classes.Count == 0 && Scalings.Count == 0,
                OutputKind.Score => Classes.Count == 0 && (signature.Task == TaskKind.Regression
                    ? Scalings.Count == 0
                    : signature.Task == TaskKind.BinaryClassification && Scalings.Count == 1),
                OutputKind.ClassScores => signature.Task != TaskKind.Regression
                    && (signature.Task == TaskKind.BinaryClassification ? Classes.Count == 2 : Classes.Count > 0)
                    && Classes.All(index => index >= 0 && index < classes)
                    && Classes.Distinct().Count() == Classes.Count
                    && (Scalings.Count == 0 || Scalings.Count == scalings),
                _ => false,
            }
            && (!IsReversed || (signature.Task == TaskKind.BinaryClassification && Kind != OutputKind.ClassScores))
            && Scalings.All(scaling => scaling.IsFinite());
    }

    /// <summary>Turns the raw values of a row into its outputs.</summary>
    /// <param name="raw">
    /// The probability or score, or a score for each class of the problem, NaN for a class that the pipeline does not know.
    /// </param>
    /// <param name="to">Where the outputs go: one, or one for each of several classes.</param>
    public void Finish(ReadOnlySpan<double> raw, Span<double> to)
    {
        if (Kind != OutputKind.ClassScores)
        {
            to[0] = Scalings.Count == 0 ? raw[0] : Scalings[0].Probability(raw[0]);
        }
        else if (to.Length == 1)
        {
            to[0] = Scalings.Count == 0 ? Share(raw[0], raw[1]) : Scalings[0].Probability(raw[1] - raw[0]);
        }
        else
        {
            for (var i = 0; i < to.Length; i++)
            {
                to[i] = double.IsNaN(raw[i]) && !Classes.Contains(i) ? 0
                    : Scalings.Count == 0 ? Math.Max(0, raw[i])
                    : Scalings[i].Probability(raw[i]);
            }

            Normalize(to);
        }
    }

    /// <summary>Whether the scores of the classes of a row are probabilities: none below 0, and together 1.</summary>
    public static bool AreProbabilities(IReadOnlyCollection<double> scores) =>
        scores.All(score => score >= 0) && Math.Abs(scores.Sum() - 1) <= 1e-3;

    /// <summary>The probability or margin of the positive class.</summary>
    /// <param name="value">What ML.NET gave.</param>
    public double OfPositive(double value) =>
        !IsReversed ? value
        : Kind == OutputKind.Probability ? 1 - value
        : -value;

    private static double Share(double negative, double positive)
    {
        Span<double> both = [Math.Max(0, negative), Math.Max(0, positive)];
        Normalize(both);
        return both[1];
    }

    private static void Normalize(Span<double> values)
    {
        var sum = 0.0;
        foreach (var value in values) sum += value;
        for (var i = 0; i < values.Length; i++) values[i] = sum == 0 ? 1.0 / values.Length : values[i] / sum;
    }
}
