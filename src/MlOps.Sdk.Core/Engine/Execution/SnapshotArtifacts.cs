using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Execution;

/// <summary>Snapshots in the artifact store.</summary>
internal static class SnapshotArtifacts
{
    /// <summary>Reads a snapshot into memory.</summary>
    public static async Task<Dataset> ReadRowsAsync(this IArtifactStore artifacts, ArtifactId id, CancellationToken cancellationToken)
    {
        var stream = await artifacts.OpenAsync(id, cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var reader = await ArrowReader.OpenAsync(stream, $"snapshot {id}", cancellationToken).ConfigureAwait(false);
            return await Dataset.FromBatchesAsync(
                reader.Schema, reader.ReadAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the schema of a snapshot.</summary>
    public static async Task<Schema> ReadSchemaAsync(this IArtifactStore artifacts, ArtifactId id, CancellationToken cancellationToken)
    {
        var stream = await artifacts.OpenAsync(id, cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            return (await ArrowReader.OpenAsync(stream, $"snapshot {id}", cancellationToken).ConfigureAwait(false)).Schema;
        }
    }
}
