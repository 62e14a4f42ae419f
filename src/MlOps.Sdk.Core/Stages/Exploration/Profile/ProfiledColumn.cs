using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Exploration;

/// <summary>A column's profile, and what a profile does not keep.</summary>
/// <param name="Name">The column.</param>
/// <param name="Profile">Its profile.</param>
/// <param name="IsUnique">Whether no value occurs twice; <see langword="null"/> when that is not known.</param>
/// <param name="Nulls">The rows without a value; what the profile counts as missing beyond them is NaN.</param>
internal sealed record ProfiledColumn(string Name, ColumnProfile Profile, bool? IsUnique, long Nulls);
