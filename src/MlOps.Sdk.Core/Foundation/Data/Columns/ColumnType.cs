using System.Text.Json.Serialization;

namespace MlOps.Sdk;

/// <summary>The six types that a column can have.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ColumnType>))]
public enum ColumnType
{
    /// <summary>A 64-bit floating-point number.</summary>
    Number,

    /// <summary>A 64-bit signed integer.</summary>
    Integer,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>Text, stored as codes into a dictionary.</summary>
    Text,

    /// <summary>A point in time, in UTC ticks.</summary>
    Timestamp,

    /// <summary>A fixed number of 32-bit floating-point numbers.</summary>
    Vector,
}
