namespace MlOps.Sdk.Monitoring;

/// <summary>A window that is checked and that nobody adds to meanwhile.</summary>
internal sealed record DetachedWindow(MonitoringWindow Window, DateTimeOffset Start, DateTimeOffset End);
