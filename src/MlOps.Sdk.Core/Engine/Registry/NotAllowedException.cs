namespace MlOps.Sdk.Registry;

/// <summary>The actor may not do what was asked, by the actor provider of the application.</summary>
internal sealed class NotAllowedException(string problem) : MlOpsException(problem, "Let someone do it who may.");
