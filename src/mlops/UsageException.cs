namespace MlOps.Sdk.Tool;

/// <summary>What was typed cannot be meant; nothing was done.</summary>
internal sealed class UsageException(string problem, string remedy) : MlOpsException(problem, remedy);
