using System.Text.Json.Serialization;

namespace MlOps.Sdk.Features;

/// <summary>What stands in for a missing number.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Imputation>))]
public enum Imputation
{
    /// <summary>The median of the training rows.</summary>
    Median,

    /// <summary>The mean of the training rows.</summary>
    Mean,

    /// <summary>Zero.</summary>
    Zero,
}
