namespace MlOps.Sdk;

/// <summary>A run cannot be sent; others may be.</summary>
internal sealed class MlflowRefusalException(string problem, string? remedy, Exception? inner = null)
    : MlOpsException(problem, remedy, inner);
