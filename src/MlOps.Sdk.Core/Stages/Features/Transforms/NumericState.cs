using System.Text.Json.Serialization;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Features;

internal sealed record NumericState
{
    [JsonRequired]
    public NumericColumnState[] Columns { get; init; } = [];
}
