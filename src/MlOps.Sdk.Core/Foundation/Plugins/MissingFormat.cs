namespace MlOps.Sdk.Plugins;

/// <summary>A format that nobody reads.</summary>
/// <param name="What">What was to be read: a model, a fitted transform or a row processor.</param>
/// <param name="FormatId">The format id.</param>
internal sealed record MissingFormat(Type What, string FormatId);
