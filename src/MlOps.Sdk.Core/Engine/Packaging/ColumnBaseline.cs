using MlOps.Sdk.Data;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Packaging;

/// <summary>What a column looked like in training: its profile, and its counts in bins whose edges are fixed by it.</summary>
/// <param name="Name">The column.</param>
/// <param name="Profile">The profile.</param>
/// <param name="Bins">The bins with the training counts.</param>
public sealed record ColumnBaseline(string Name, ColumnProfile Profile, ReferenceBins Bins)
{
    internal static ColumnBaseline Of(string name, Column column) => new(name, ColumnProfile.Of(column), ReferenceBins.From(column));
}
