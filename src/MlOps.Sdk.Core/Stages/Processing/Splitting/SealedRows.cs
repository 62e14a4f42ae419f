using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Processing;

/// <summary>The rows that earlier runs were judged on, which no later run may learn from.</summary>
/// <param name="Keys">The keys of the rows, by look.</param>
/// <param name="Lost">Keys that are lost or damaged, each with what is wrong with it.</param>
internal sealed record SealedRows(IReadOnlyList<RowKeySet> Keys, IReadOnlyDictionary<ArtifactId, string> Lost)
{
    public static SealedRows None { get; } = new([], new Dictionary<ArtifactId, string>());

    /// <summary>Holds a split to what was lost: that it holds out the very same rows is proved by the hash of their keys.</summary>
    /// <exception cref="MlOpsException">Other keys are lost.</exception>
    public void RequireFound(ArtifactId heldOut)
    {
        foreach (var (id, loss) in Lost)
        {
            if (id == heldOut) continue;
            throw new MlOpsException(
                $"The record of the rows that an earlier run was judged on is lost, so they cannot be excluded from training. {loss}",
                "Restore the artifacts folder from a backup, or run once more on the rows of that run: they give the same keys.");
        }
    }
}
