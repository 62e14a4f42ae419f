namespace MlOps.Sdk.Storage;

/// <summary>A signal that called for retraining, and what came of it.</summary>
/// <param name="No">Its number.</param>
/// <param name="Model">The model.</param>
/// <param name="At">When it was raised.</param>
/// <param name="Signal">What raised it.</param>
/// <param name="RunId">The run that it started, once there is one.</param>
/// <param name="Outcome">What came of it as JSON, once known.</param>
internal sealed record RetrainingTrigger(long No, string Model, DateTimeOffset At, string Signal, string? RunId, string? Outcome);
