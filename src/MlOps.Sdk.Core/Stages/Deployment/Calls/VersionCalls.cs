namespace MlOps.Sdk.Deployment;

/// <summary>What counts the calls of a version in this process: those that the route gave it, and all others. Thread-safe.</summary>
/// <param name="Routed">Calls that the route divided.</param>
/// <param name="Unrouted">Calls that named the version, or that it answered in the place of another one.</param>
internal sealed record VersionCalls(CallCounter Routed, CallCounter Unrouted)
{
    /// <summary>Counters that nobody stores.</summary>
    public static VersionCalls Of(string model, int version) => new(new CallCounter(model, version), new CallCounter(model, version));

    public void Close()
    {
        Routed.Close();
        Unrouted.Close();
    }
}
