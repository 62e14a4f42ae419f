using System.Text.Json.Serialization;

namespace MlOps.Sdk.Features;

internal sealed record OneHotState
{
    [JsonRequired]
    public OneHotColumnState[] Columns { get; init; } = [];

    /// <summary>Whether the features are sparse: there are many, of which each column sets one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Sparse { get; init; }
}
