using MlOps.Sdk.Reporting;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Registry;

/// <summary>What an alias is to serve; targets are brought to it.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Alias">The alias.</param>
/// <param name="Version">The version to serve.</param>
/// <param name="PackageId">Its package.</param>
/// <param name="ContentHash">The hash of what decides predictions.</param>
/// <param name="Generation">Grows by one with every change: who has applied a generation needs no older one.</param>
/// <param name="At">Since when, in UTC.</param>
public sealed record DesiredRoute(
    string Model, string Alias, int Version, ArtifactId PackageId, string ContentHash, long Generation, DateTimeOffset At)
{
    /// <summary>The record in a line, whatever the culture.</summary>
    public override string ToString() => RecordText.Of(this);
}
