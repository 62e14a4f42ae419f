namespace MlOps.Sdk;

/// <summary>A value of a metric; the time is in milliseconds since 1970.</summary>
internal sealed record MlflowMetric(string Key, double Value, long Timestamp, long Step);
