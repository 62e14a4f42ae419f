namespace MlOps.Sdk.Execution;

/// <summary>Ends a run whose sources have no rows that are new: what the run before found stands.</summary>
internal sealed class NothingNewException(string problem, string remedy) : MlOpsException(problem, remedy);
