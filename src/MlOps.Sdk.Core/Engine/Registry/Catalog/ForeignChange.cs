using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Registry;

/// <summary>What people said of a model or a version in another workspace.</summary>
/// <param name="Workspace">The id of that workspace.</param>
/// <param name="From">The number that the version has there; 0 for the model itself.</param>
/// <param name="Change">What, by whom, when and why there; of the version that it is here.</param>
/// <param name="Registered">The description that the version was registered with there.</param>
internal sealed record ForeignChange(string Workspace, int From, RegistryChangeRow Change, string? Registered)
{
    /// <summary>Where it was said.</summary>
    public string Origin => FormattableString.Invariant($"{Workspace}/{Change.Model}{(From > 0 ? $"/{From}" : "")}");
}
