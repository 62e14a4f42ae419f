namespace MlOps.Sdk.Processing;

/// <summary>How an expectation is checked in a warehouse.</summary>
internal abstract record TablePlan;
