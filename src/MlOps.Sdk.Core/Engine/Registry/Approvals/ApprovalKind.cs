using System.Text.Json.Serialization;

namespace MlOps.Sdk.Registry;

/// <summary>What an approval lets happen.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ApprovalKind>))]
public enum ApprovalKind
{
    /// <summary>A version goes live: at once, or step by step where the lifecycle rolls it out.</summary>
    Promotion,

    /// <summary>An earlier version is made the live one again.</summary>
    Rollback,
}
