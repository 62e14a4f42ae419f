using MlOps.Sdk.Deployment;

namespace MlOps.Sdk;

/// <summary>What came of the import of a model file of ML.NET.</summary>
/// <param name="Result">The version, what every gate said, and whether it is live.</param>
/// <param name="Signature">What the model reads and writes, as a sentence, for example <c>reads text: String; writes P('spam')</c>.</param>
/// <param name="Serving">How it is served, as a sentence.</param>
/// <param name="WrittenBy">The version of ML.NET that wrote the file; <see langword="null"/> when the file does not say.</param>
public sealed record ImportedMicrosoftMLModel(ImportedModel Result, string Signature, string Serving, string? WrittenBy);
