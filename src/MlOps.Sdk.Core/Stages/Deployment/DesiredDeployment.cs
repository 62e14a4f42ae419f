using MlOps.Sdk.Packaging;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Deployment;

/// <summary>What a target is to serve.</summary>
/// <param name="Endpoint">The endpoint's name.</param>
/// <param name="Model">The blessed version.</param>
/// <param name="Package">The model package, exactly as in the registry.</param>
public sealed record DesiredDeployment(string Endpoint, BlessedModel Model, ReadOnlyMemory<byte> Package)
{
    /// <summary>
    /// When the version went live where it was made, in UTC: later for every version that takes the place of another, also for an earlier
    /// one that comes back. <see langword="null"/> where it is not live.
    /// </summary>
    public DateTimeOffset? PromotedAt { get; init; }

    /// <summary>
    /// Makes sure that the package is whole, and the one that was blessed. A target calls it before it changes anything; whether the model
    /// loads and answers as it did is for the place that serves it to prove.
    /// </summary>
    /// <exception cref="MlOpsException">The package is damaged, too new, or another one.</exception>
    public void RequireBlessed() => RequireBlessed(PackageFile.ReadContentHash(Package));

    internal void RequireBlessed(string contentHash)
    {
        if (contentHash == Model.Blessing.ContentHash) return;
        throw new MlOpsException(
            $"The package of version {Model.Version.Version} is not the one that was blessed.",
            "Get the package from the registry again, or bless it again.");
    }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
