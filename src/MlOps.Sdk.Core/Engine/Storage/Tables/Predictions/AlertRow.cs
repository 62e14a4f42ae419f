namespace MlOps.Sdk.Storage;

/// <summary>An alert.</summary>
/// <param name="Id">Unique; the same id is kept once.</param>
/// <param name="Model">The model.</param>
/// <param name="At">When it was raised.</param>
/// <param name="Severity">How grave it is.</param>
/// <param name="Signal">What raised it.</param>
/// <param name="Message">What it says.</param>
/// <param name="State">Open, acknowledged, resolved: the words of whoever raises it.</param>
internal sealed record AlertRow(string Id, string Model, DateTimeOffset At, string Severity, string Signal, string Message, string State);
