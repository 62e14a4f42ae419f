using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Storage;

/// <summary>A stored artifact.</summary>
/// <param name="Id">The hash of its bytes.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="StoredAt">When it was last put, in UTC.</param>
public sealed record ArtifactInfo(ArtifactId Id, long Size, DateTimeOffset StoredAt)
{
    /// <summary>The record in a line, whatever the culture.</summary>
    public override string ToString() => RecordText.Of(this);
}
