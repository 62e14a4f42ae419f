using System.Text.Json.Serialization;

namespace MlOps.Sdk.Features;

/// <summary>One number of the feature vector.</summary>
/// <param name="Name">The name, unique in the vector, for example <c>contract=One year</c>.</param>
/// <param name="Column">The column that it comes from.</param>
/// <param name="Kind">What the number is. Default: a quantity.</param>
/// <param name="Group">
/// What the slots of one level set, text or embedding have in common, for example the column; at most one of the levels of a group is 1.
/// <see langword="null"/> for a number that stands alone. Slots of one group lie side by side.
/// </param>
public sealed record FeatureSlot(
    string Name,
    [property: JsonPropertyName("source")] string Column,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] SlotKind Kind = SlotKind.Numeric,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? Group = null);
