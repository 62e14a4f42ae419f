namespace MlOps.Sdk.Statistics;

/// <summary>The rows of a bin of probabilities.</summary>
/// <param name="Share">Their share of all rows.</param>
/// <param name="Rows">How many rows of equal weight they are worth.</param>
/// <param name="Expected">Their mean probability.</param>
/// <param name="Observed">Their share of successes.</param>
internal readonly record struct BinGap(double Share, double Rows, double Expected, double Observed);
