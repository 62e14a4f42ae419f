using System.Text.Json.Serialization;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Training;

/// <summary>What came of stage 7.</summary>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record TrainingSummary
{
    /// <summary>The winner's name in the leaderboard.</summary>
    [JsonRequired]
    public string Trainer { get; init; } = "";

    /// <summary>The hyperparameters of the winner.</summary>
    [JsonRequired]
    public IReadOnlyDictionary<string, HyperparameterValue> Parameters { get; init; } = new Dictionary<string, HyperparameterValue>();

    /// <summary>The format id of the model.</summary>
    [JsonRequired]
    public string ModelFormat { get; init; } = "";

    /// <summary>Whether the model reads columns instead of features.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ReadsColumns { get; init; }

    /// <summary>Whether the model rejects rows with missing or infinite features, as its trainer did.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool RefusesMissing { get; init; }

    /// <summary>The label and its classes.</summary>
    [JsonRequired]
    public LabelEncoding Labels { get; init; } = null!;

    /// <summary>
    /// The score from which a binary classifier decides positive, chosen out of fold from the costs; <see langword="null"/> for other
    /// tasks.
    /// </summary>
    public double? Threshold { get; init; }

    /// <summary>All trials, the best first.</summary>
    [JsonRequired]
    public Leaderboard Leaderboard { get; init; } = null!;

    /// <summary>The winner and the leaderboard.</summary>
    public override string ToString() =>
        $"{Trainer}{(Threshold is { } score ? FormattableString.Invariant($", positive from {score:0.####} on") : "")}" +
        $"{Environment.NewLine}{Leaderboard}";
}
