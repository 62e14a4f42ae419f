namespace MlOps.Sdk.Collection;

/// <summary>A row that a source could not read as its schema says.</summary>
/// <param name="Source">The source, for a folder its file.</param>
/// <param name="Line">The line on which the row starts, or the number of the row where the source has no lines; from 1.</param>
/// <param name="Column">The malformed column; <see langword="null"/> where it is the whole row.</param>
/// <param name="Reason">What is wrong.</param>
/// <param name="Text">The row exactly as in the source, up to 10,000 characters.</param>
/// <param name="IsKept">Whether the row was read all the same, with missing values.</param>
public sealed record MalformedRow(string Source, long Line, string? Column, string Reason, string Text, bool IsKept = false)
{
    /// <summary>The longest text that is kept.</summary>
    internal const int MaxText = 10_000;
}
