using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Tracking;

/// <summary>Something in which runs differ.</summary>
/// <param name="Kind">Of what kind it is.</param>
/// <param name="Name">Its name.</param>
/// <param name="Values">
/// The value of each run, in the order of the runs; <see langword="null"/> for a run that does not have it. Numbers are written so that
/// they read back as they are.
/// </param>
public sealed record RunDifference(RunDifferenceKind Kind, string Name, IReadOnlyList<string?> Values)
{
    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
