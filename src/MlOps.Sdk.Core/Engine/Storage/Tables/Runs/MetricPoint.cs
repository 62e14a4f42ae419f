namespace MlOps.Sdk.Storage;

/// <summary>One value of a metric series, as it is written.</summary>
internal readonly record struct MetricPoint(string Name, double Value, long Step);
