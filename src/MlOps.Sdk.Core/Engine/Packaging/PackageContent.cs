namespace MlOps.Sdk.Packaging;

/// <summary>A package as it is written.</summary>
/// <param name="Bytes">The file.</param>
/// <param name="ContentHash">The SHA-256 over all that decides predictions, in hexadecimal.</param>
internal sealed record PackageContent(byte[] Bytes, string ContentHash);
