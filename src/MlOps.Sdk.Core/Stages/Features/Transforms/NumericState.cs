using System.Text.Json.Serialization;

namespace MlOps.Sdk.Features;

internal sealed record NumericState
{
    [JsonRequired]
    public NumericColumnState[] Columns { get; init; } = [];
}
