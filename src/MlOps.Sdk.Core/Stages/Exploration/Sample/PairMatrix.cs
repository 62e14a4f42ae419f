using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Exploration;

/// <summary>A number for each pair of columns. Immutable.</summary>
/// <param name="Columns">The columns.</param>
/// <param name="Values">The pairs (1, 0), (2, 0), (2, 1), (3, 0) and so on; NaN where the number is undefined.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record PairMatrix(IReadOnlyList<string> Columns, IReadOnlyList<double> Values)
{
    /// <summary>The number of a pair, in either order; 1 for a column with itself.</summary>
    /// <param name="first">A column, from 0.</param>
    /// <param name="second">Another column, from 0.</param>
    public double this[int first, int second] =>
        first == second ? 1 : Values[Math.Max(first, second) * (Math.Max(first, second) - 1) / 2 + Math.Min(first, second)];

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
