using System.Text.Json.Serialization;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Features;

/// <summary>What was learned of a column: the feature is <c>(value - Shift) * Scale</c>.</summary>
internal sealed record NumericColumnState
{
    [JsonRequired]
    public Field Field { get; init; } = null!;

    public double Fill { get; init; }

    public double Shift { get; init; }

    public double Scale { get; init; }

    /// <summary>Whether a second feature says that the value was missing.</summary>
    public bool Indicator { get; init; }
}
