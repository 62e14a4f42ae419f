using MlOps.Sdk.Reporting;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>A file or other content that a run keeps.</summary>
/// <param name="Name">Its name within the run, such as <c>plots/roc.svg</c>.</param>
/// <param name="Id">Its content, in the artifacts of the workspace.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="At">When it was logged, in UTC.</param>
public sealed record RunArtifact(string Name, ArtifactId Id, long Length, DateTimeOffset At)
{
    /// <summary>The record in a line, whatever the culture.</summary>
    public override string ToString() => RecordText.Of(this);
}
