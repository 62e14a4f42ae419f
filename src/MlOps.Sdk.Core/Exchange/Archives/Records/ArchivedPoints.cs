namespace MlOps.Sdk;

/// <summary>Points of one metric series in an archive. A value that is NaN is <see langword="null"/>.</summary>
internal sealed record ArchivedPoints(string Name, long[] Steps, double?[] Values, long[] At);
