using System.Text.Json.Serialization;

namespace MlOps.Sdk.Registry;

/// <summary>How a request for approval stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ApprovalState>))]
public enum ApprovalState
{
    /// <summary>It waits for people.</summary>
    Pending,

    /// <summary>All who must have approved it; what it is about has not happened yet.</summary>
    Approved,

    /// <summary>Somebody rejected it.</summary>
    Rejected,

    /// <summary>Too few people approved it in time.</summary>
    Expired,

    /// <summary>Something newer took its place: another request, or another version that went live.</summary>
    Superseded,

    /// <summary>It was approved, and what it is about has happened. It lets nothing else happen.</summary>
    Applied,
}
