namespace MlOps.Sdk.Tracking;

/// <summary>How a run of one's own begins.</summary>
public sealed record TrackedRunOptions
{
    /// <summary>Tags that it begins with.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>The seed of everything random in it, which is recorded. Default: 0.</summary>
    public long Seed { get; init; }

    /// <summary>Why it is started, which is recorded. Default: <c>manual</c>.</summary>
    public string Cause { get; init; } = "manual";

    /// <summary>The tags, the seed and the cause in a line.</summary>
    public override string ToString() => Reporting.RecordText.Of(this);
}
