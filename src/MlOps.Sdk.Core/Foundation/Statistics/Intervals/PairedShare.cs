namespace MlOps.Sdk.Statistics;

/// <summary>Two shares of the same rows.</summary>
/// <param name="First">The first share.</param>
/// <param name="Second">The second share.</param>
/// <param name="Correlation">The correlation of the two outcomes over the rows; 0 where one of them does not vary.</param>
internal readonly record struct PairedShare(Share First, Share Second, double Correlation);
