using System.Text.Json.Serialization;

namespace MlOps.Sdk.Features;

/// <summary>What a number of the feature vector is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SlotKind>))]
public enum SlotKind
{
    /// <summary>A quantity, or a flag.</summary>
    Numeric,

    /// <summary>1 when a column has a certain level, else 0: one of a group.</summary>
    Level,

    /// <summary>The weight of a term of a text: one of a group, nearly always 0.</summary>
    Text,

    /// <summary>A coordinate of an embedding: one of a group.</summary>
    Embedding,
}
