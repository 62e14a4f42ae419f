using System.Text.Json.Serialization;

namespace MlOps.Sdk.Features;

internal sealed record OneHotState
{
    [JsonRequired]
    public OneHotColumnState[] Columns { get; init; } = [];
}
