using System.Text.Json.Serialization;

namespace MlOps.Sdk.Processing;

/// <summary>What a join does with a row that has no counterpart.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<JoinKind>))]
public enum JoinKind
{
    /// <summary>The row is left out.</summary>
    Inner,

    /// <summary>The row stays, without values in the joined columns.</summary>
    Left,
}
