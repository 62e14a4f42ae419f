using System.Text.Json.Serialization;

namespace MlOps.Sdk.Processing;

/// <summary>Which of several rows stays.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<KeepRow>))]
public enum KeepRow
{
    /// <summary>The first.</summary>
    First,

    /// <summary>The last.</summary>
    Last,
}
