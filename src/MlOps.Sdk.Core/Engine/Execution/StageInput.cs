namespace MlOps.Sdk.Execution;

/// <summary>An output of an earlier stage that a stage reads. What is not read decides nothing.</summary>
/// <param name="Stage">The stage that saved it.</param>
/// <param name="Name">Its name.</param>
internal readonly record struct StageInput(LifecycleStage Stage, string Name);
