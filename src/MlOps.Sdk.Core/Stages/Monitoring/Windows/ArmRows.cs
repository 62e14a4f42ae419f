namespace MlOps.Sdk.Monitoring;

/// <summary>How many predictions of a window a version answered as one arm.</summary>
/// <param name="Arm">
/// The arm, <c>live</c> for the live version; <see langword="null"/> where no route chose the version, because the caller named it.
/// </param>
/// <param name="Rows">The predictions.</param>
public sealed record ArmRows(string? Arm, long Rows);
