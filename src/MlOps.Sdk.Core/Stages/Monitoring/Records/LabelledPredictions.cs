using System.Globalization;
using MlOps.Sdk.Metrics;

namespace MlOps.Sdk.Monitoring;

/// <summary>Predictions of one version with the labels that have arrived for them. Immutable and thread-safe.</summary>
public sealed class LabelledPredictions
{
    /// <summary>How many labelled predictions are read at most; of more, the newest are.</summary>
    public const int MostRows = 20_000;

    internal LabelledPredictions()
    {
    }

    /// <summary>The version that predicted.</summary>
    public required int Version { get; init; }

    /// <summary>From when on predictions count.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Until when they count, included.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>
    /// The labels, scores and groups, from the newest prediction to the oldest: what metrics are computed from. Predictions with a label
    /// that the version does not know, or whose score is not a finite number, are left out.
    /// </summary>
    public required Evaluation Evaluation { get; init; }

    /// <summary>The classes by index, as in the evaluation; empty for regression.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>The predictions of that time, with or without a label.</summary>
    public required long Predictions { get; init; }

    /// <summary>How many of them have a label.</summary>
    public required long Labelled { get; init; }

    /// <summary>How many labels of those that were read are no class of the version, or for regression no number.</summary>
    public required long UnknownLabels { get; init; }

    /// <summary>How many predictions of those that were read have a score that is not a finite number.</summary>
    public required long Unscored { get; init; }

    /// <summary>Whether there are more labelled predictions than <see cref="MostRows"/>, so that only the newest were read.</summary>
    public required bool IsCut { get; init; }

    /// <summary>The share of the predictions that have a label, 0 to 1; NaN without predictions.</summary>
    public double Coverage => Predictions == 0 ? double.NaN : (double)Labelled / Predictions;

    /// <summary>The counts in a line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Labelled:N0} of {Predictions:N0} predictions of version {Version} from {From:u} to {To:u} have a label, " +
            $"{Evaluation.RowCount:N0} are usable");
}
