namespace MlOps.Sdk.Training;

/// <summary>A training or a trial took longer than it may.</summary>
internal sealed class OverBudgetException(string problem, string remedy, Exception? cause = null) : MlOpsException(problem, remedy, cause);
