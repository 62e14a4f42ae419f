namespace MlOps.Sdk.Benchmarks.Http;

/// <summary>What is asked of a server.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Path">The path.</param>
/// <param name="IsPrediction">Whether it is a prediction; it is compared with what stands before it.</param>
/// <param name="Server">The server.</param>
internal sealed record HttpVariant(string Name, string Path, bool IsPrediction, HttpServer Server);
