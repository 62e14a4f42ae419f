namespace MlOps.Sdk;

/// <summary>How far a backup, a restoration, an export or an import is.</summary>
/// <param name="Bytes">How many bytes were copied.</param>
/// <param name="TotalBytes">How many bytes there are, as far as it is known.</param>
/// <param name="Items">How many files or records were copied.</param>
/// <param name="TotalItems">How many there are, as far as it is known.</param>
public sealed record TransferProgress(long Bytes, long TotalBytes, int Items, int TotalItems);
