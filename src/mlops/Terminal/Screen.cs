namespace MlOps.Sdk.Tool;

/// <summary>Where text is written.</summary>
/// <param name="Writer">Takes the text.</param>
/// <param name="IsTerminal">Whether people look at it, rather than a file or another program.</param>
internal sealed record Screen(TextWriter Writer, bool IsTerminal);
