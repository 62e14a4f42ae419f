namespace MlOps.Sdk.Exploration;

/// <summary>
/// Rows that are nearly the same: equal in every column but the label and identifiers other than free text, after numbers are rounded to
/// six significant digits and texts are trimmed, put in lower case, and runs of white space in them made one space.
/// </summary>
/// <param name="Rows">The rows that have such a twin.</param>
/// <param name="Groups">The groups that they form.</param>
/// <param name="Contradicting">The groups whose rows have different labels: no model can be right on all of them.</param>
public sealed record AlikeRows(int Rows, int Groups, int Contradicting);
