namespace MlOps.Sdk.Plugins;

/// <summary>A call that leaves open what runs.</summary>
/// <param name="Why">What it does, as a clause after the caller.</param>
/// <param name="Finds">What it may find.</param>
internal readonly record struct OpenCall(string Why, CodeFinding Finds);
