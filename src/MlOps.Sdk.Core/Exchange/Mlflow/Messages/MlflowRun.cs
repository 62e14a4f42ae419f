namespace MlOps.Sdk;

/// <summary>A run on the server.</summary>
internal sealed record MlflowRun(MlflowRunInfo? Info, MlflowRunData? Data)
{
    /// <summary>The value of a tag; <see langword="null"/> when there is none.</summary>
    public string? Tag(string key) => Data?.Tags?.FirstOrDefault(tag => tag?.Key == key)?.Value;
}
