namespace MlOps.Sdk.Tracking;

/// <summary>Somebody else resumed a run first.</summary>
internal sealed class RunTakenException(string problem, string remedy) : MlOpsException(problem, remedy);
