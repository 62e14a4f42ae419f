using System.Text.Json.Serialization;
using MlOps.Sdk.Data;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Features;

/// <summary>How a feature graph is stored.</summary>
internal sealed record FeatureGraphDocument
{
    [JsonRequired]
    public Field[] Input { get; init; } = [];

    [JsonRequired]
    public SavedPart[] Steps { get; init; } = [];

    [JsonRequired]
    public SavedPart[] Transforms { get; init; } = [];

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Field[]? Columns { get; init; }

    [JsonRequired]
    public string[] Observed { get; init; } = [];

    [JsonRequired]
    public string[] Identifying { get; init; } = [];

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ChangesLabel { get; init; }
}
