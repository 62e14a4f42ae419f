namespace MlOps.Sdk.Deployment;

/// <summary>A package of a server program.</summary>
/// <param name="Name">The id.</param>
/// <param name="Version">The version.</param>
/// <param name="Sha512">The hash of the package file, in hexadecimal; <see langword="null"/> where it is not known.</param>
/// <param name="Needs">The ids of the packages that it needs, as far as they are listed as well.</param>
internal sealed record ServerPackage(string Name, string Version, string? Sha512, IReadOnlyList<string> Needs);
