using System.Text.Json.Serialization;

namespace MlOps.Sdk.Exploration;

/// <summary>What is noteworthy about a column.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FindingKind>))]
public enum FindingKind
{
    /// <summary>At least 20 % of the rows have no value.</summary>
    ManyMissing,

    /// <summary>There is no value at all.</summary>
    Empty,

    /// <summary>All values are equal.</summary>
    Constant,

    /// <summary>Some values are infinite.</summary>
    Infinite,

    /// <summary>The absolute skewness exceeds 3, of three values or more.</summary>
    Skewed,

    /// <summary>Nearly every row has a different value, as an identifier has.</summary>
    Identifier,

    /// <summary>The values look like personal data; see <see cref="PersonalData.Detect"/>.</summary>
    Personal,

    /// <summary>Some values are NaN; they are counted as missing.</summary>
    NotANumber,
}
