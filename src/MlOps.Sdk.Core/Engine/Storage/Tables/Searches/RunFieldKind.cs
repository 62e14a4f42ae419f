namespace MlOps.Sdk.Storage;

/// <summary>Of what kind a field of a run is.</summary>
internal enum RunFieldKind
{
    /// <summary>The last value of a metric.</summary>
    Metric,

    /// <summary>A parameter, a text that may be a number.</summary>
    Parameter,

    /// <summary>A tag, a text.</summary>
    Tag,

    /// <summary>The state at the moment of reading.</summary>
    State,

    /// <summary>A text of the run itself: id, lifecycle, kind, cause, parent.</summary>
    Text,

    /// <summary>A point in time: started, ended.</summary>
    Time,

    /// <summary>How long the run took, in seconds.</summary>
    Duration,
}
