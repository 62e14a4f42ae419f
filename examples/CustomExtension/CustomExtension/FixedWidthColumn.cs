using MlOps.Sdk;

namespace CustomExtension;

/// <summary>Where a column stands in the lines of a file.</summary>
/// <param name="Name">The column.</param>
/// <param name="Type">Number or Text.</param>
/// <param name="Start">The first character, from 0.</param>
/// <param name="Length">How many characters.</param>
public sealed record FixedWidthColumn(string Name, ColumnType Type, int Start, int Length);
