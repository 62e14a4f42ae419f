namespace MlOps.Sdk.Registry;

/// <summary>An attestation over a model version: which gates it passed and failed, who says so, and when.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Version">Its version.</param>
/// <param name="ContentHash">The hash of what was judged.</param>
/// <param name="IssuedAt">When, in UTC.</param>
/// <param name="Actor">Who.</param>
/// <param name="Gates">The result of every gate.</param>
public sealed record Blessing(
    string Model, int Version, string ContentHash, DateTimeOffset IssuedAt, string Actor, IReadOnlyList<GateResult> Gates)
{
    /// <summary>Whether there are gates, and none failed.</summary>
    public bool IsBlessed => Gates.Count > 0 && Gates.All(gate => gate.Outcome != GateOutcome.Failed);

    /// <summary>Whether the version is blessed, and every gate in a line.</summary>
    public override string ToString() => $"{Model} version {Version} is {(IsBlessed ? "blessed" : "not blessed")}:" +
        string.Concat(Gates.Select(gate => $"{Environment.NewLine}  {gate}"));
}
