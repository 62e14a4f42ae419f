namespace MlOps.Sdk;

/// <summary>How a lifecycle is run.</summary>
public sealed record RunOptions
{
    /// <summary>Whether results of earlier runs are taken where nothing changed. Default: yes.</summary>
    public bool Reuse { get; init; } = true;

    /// <summary>The run to go on with; <see langword="null"/> for a new one.</summary>
    public string? Resume { get; init; }

    /// <summary>Why the run is made, for the record. Default: <c>manual</c>.</summary>
    public string Cause { get; init; } = "manual";

    /// <summary>
    /// Where plug-ins that were named by type come from; a run gets a scope of its own, and so does every later check of the
    /// monitors: hand in the container itself.
    /// </summary>
    public IServiceProvider? Services { get; init; }
}
