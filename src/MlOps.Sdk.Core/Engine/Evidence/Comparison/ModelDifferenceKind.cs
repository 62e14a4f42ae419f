using System.Text.Json.Serialization;

namespace MlOps.Sdk.Evidence;

/// <summary>In what versions of a model differ.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ModelDifferenceKind>))]
public enum ModelDifferenceKind
{
    /// <summary>What the registry says: description, tags, aliases, attestation, who signed, size.</summary>
    Record,

    /// <summary>A metric on the holdout of the version.</summary>
    Metric,

    /// <summary>What a gate said.</summary>
    Gate,

    /// <summary>The trainer, its format, a hyperparameter.</summary>
    Training,

    /// <summary>A column that callers give.</summary>
    Input,

    /// <summary>A feature that the model reads.</summary>
    Feature,

    /// <summary>How scores become answers: task, classes, threshold.</summary>
    Decision,

    /// <summary>The rows: sources, counts, snapshots.</summary>
    Data,

    /// <summary>The code and where it ran: commit, packages, machine.</summary>
    Code,
}
