namespace MlOps.Sdk;

/// <summary>The request <c>runs/log-inputs</c>.</summary>
internal sealed record MlflowInputs(string RunId, IReadOnlyList<MlflowDatasetInput> Datasets);
