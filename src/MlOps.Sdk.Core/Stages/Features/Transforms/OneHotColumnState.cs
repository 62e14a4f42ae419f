using System.Text.Json.Serialization;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Features;

/// <summary>What was learned of a column: a slot per level, one for missing where training had any, then the unknown slot.</summary>
internal sealed record OneHotColumnState
{
    [JsonRequired]
    public Field Field { get; init; } = null!;

    [JsonRequired]
    public string[] Levels { get; init; } = [];

    public bool Missing { get; init; }

    [JsonIgnore]
    public int Width => Levels.Length + (Missing ? 2 : 1);
}
