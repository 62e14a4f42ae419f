namespace MlOps.Sdk.MLNet;

/// <summary>An assembly that loading a model would load.</summary>
/// <param name="Entry">The entry of the file that requests it.</param>
/// <param name="Assembly">The assembly's full name, as the file has it.</param>
internal readonly record struct LoaderName(string Entry, string Assembly);
