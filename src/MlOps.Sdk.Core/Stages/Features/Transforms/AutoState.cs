using System.Text.Json.Serialization;

namespace MlOps.Sdk.Features;

internal sealed record AutoState
{
    [JsonRequired]
    public NumericState Numeric { get; init; } = null!;

    [JsonRequired]
    public OneHotState OneHot { get; init; } = null!;
}
