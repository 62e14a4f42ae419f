namespace MlOps.Sdk.Monitoring;

/// <summary>A monitor that failed in a check, and so measured nothing.</summary>
/// <param name="Monitor">The monitor's name; <c>monitor</c> where it could not be made.</param>
/// <param name="Message">Why it failed.</param>
public sealed record MonitorFailure(string Monitor, string Message);
