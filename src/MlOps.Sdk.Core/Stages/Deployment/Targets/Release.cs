using System.Text.Json.Serialization;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// What a release says of the package beside it: <c>release.json</c>. It binds the package to the name under which it is served, to its
/// number, to what the gates said, and to the moment when it went live, so that an older release is known as older.
/// </summary>
internal sealed record Release : ReleaseHead
{
    public const int CurrentFormat = 1;

    /// <summary>Who blessed the version, and when.</summary>
    [JsonRequired]
    public string BlessedBy { get; init; } = "";

    [JsonRequired]
    public DateTimeOffset BlessedAt { get; init; }

    [JsonRequired]
    public IReadOnlyList<GateResult> Gates { get; init; } = [];

    [JsonRequired]
    public IReadOnlyDictionary<string, MetricValue> Metrics { get; init; } = new Dictionary<string, MetricValue>();

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
