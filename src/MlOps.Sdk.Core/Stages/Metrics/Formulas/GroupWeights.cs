namespace MlOps.Sdk.Metrics;

/// <summary>The sums of weights of one group's rows, from which its rates follow where rows have weights.</summary>
/// <param name="TruePositives">Of the positive rows that were decided so.</param>
/// <param name="FalseNegatives">Of the positive rows that were decided negative.</param>
/// <param name="FalsePositives">Of the negative rows that were decided positive.</param>
/// <param name="TrueNegatives">Of the negative rows that were decided so.</param>
public sealed record GroupWeights(double TruePositives, double FalseNegatives, double FalsePositives, double TrueNegatives)
{
    internal double Selected => TruePositives + FalsePositives;

    internal double Positives => TruePositives + FalseNegatives;

    internal double Negatives => FalsePositives + TrueNegatives;
}
