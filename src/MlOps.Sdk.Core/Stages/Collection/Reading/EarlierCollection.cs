using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Collection;

/// <summary>What the last run that succeeded collected.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="Summary">What it read of each source.</param>
internal sealed record EarlierCollection(string RunId, ArtifactId Rows, CollectionSummary Summary)
{
    /// <summary>How far a source was read; <see langword="null"/> when it was not.</summary>
    public Watermark? WatermarkOf(string name) =>
        Summary.Sources.FirstOrDefault(source => source.Name == name)?.Watermark is { } value ? new Watermark(value) : null;

    /// <summary>Whether values were looked up in other content than now.</summary>
    public bool LookedUpOtherwise(ResilientReader reader) =>
        Summary.Sources.FirstOrDefault(source => source.Name == reader.Name)?.ReferenceVersion is { } version
            && version != reader.ReferenceVersion?.Value;
}
