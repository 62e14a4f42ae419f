using System.Text.Json.Serialization;

namespace MlOps.Sdk.Tracking;

/// <summary>Of what kind a run is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RunKind>))]
public enum RunKind
{
    /// <summary>A lifecycle ran.</summary>
    Lifecycle,

    /// <summary>Code of its own logs what it does; see <c>workspace.StartRunAsync</c>.</summary>
    Experiment,

    /// <summary>One setting that a search of stage 7 tried.</summary>
    Trial,

    /// <summary>One fold of a trial.</summary>
    Fold,
}
