using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Tool;

/// <summary>The versions of a model.</summary>
/// <param name="Model">The model.</param>
/// <param name="Versions">The versions, the newest first.</param>
/// <param name="About">What is said of the model itself.</param>
internal sealed record VersionList(string Model, IReadOnlyList<VersionDetails> Versions, RegisteredModel About);
