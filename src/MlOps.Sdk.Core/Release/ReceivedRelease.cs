using MlOps.Sdk.Reporting;

namespace MlOps.Sdk;

/// <summary>A release of another workspace that was received.</summary>
public sealed record ReceivedRelease
{
    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>The version that was released; it has the same number in both workspaces.</summary>
    public required int Version { get; init; }

    /// <summary>The hash of what decides its predictions.</summary>
    public required string ContentHash { get; init; }

    /// <summary>When it went live in the workspace where it was made, in UTC.</summary>
    public required DateTimeOffset PromotedAt { get; init; }

    /// <summary>The id of the key that signed the release, see <see cref="Packaging.PackageSigner.KeyId"/>.</summary>
    public required string KeyId { get; init; }

    /// <summary>Whether it was received for the first time. A release that comes again changes nothing.</summary>
    public required bool IsNew { get; init; }

    /// <summary>The version that is live here now: another one where somebody rolled back here after the release had come.</summary>
    public required int LiveVersion { get; init; }

    /// <summary>The record in a line.</summary>
    public override string ToString() => RecordText.Of(this);
}
