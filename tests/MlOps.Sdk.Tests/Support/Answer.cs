namespace MlOps.Sdk.Tests;

/// <summary>The answer that tests ask for.</summary>
internal readonly record struct Answer(double Score, bool Leaves);
