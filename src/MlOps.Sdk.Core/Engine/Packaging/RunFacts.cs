using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Packaging;

/// <summary>Where a model came from. Beside the hashed content: two runs that make the same model have different facts.</summary>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record RunFacts
{
    // The serializer sets what is absent from a file to null.
    private readonly IReadOnlyDictionary<string, HyperparameterValue> _parameters = new Dictionary<string, HyperparameterValue>();
    private readonly IReadOnlyDictionary<string, Metrics.MetricValue> _metrics = new Dictionary<string, Metrics.MetricValue>();

    /// <summary>The run that trained the model; <see langword="null"/> for a model trained elsewhere.</summary>
    public string? RunId { get; init; }

    /// <summary>When the package was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The trainer's name.</summary>
    public string? Trainer { get; init; }

    /// <summary>The hyperparameters of the model.</summary>
    public IReadOnlyDictionary<string, HyperparameterValue> Parameters
    {
        get => _parameters;
        init => _parameters = value ?? new Dictionary<string, HyperparameterValue>();
    }

    /// <summary>The SHA-256 of the training rows' snapshot.</summary>
    public string? TrainingRows { get; init; }

    /// <summary>The SHA-256 of the holdout's snapshot.</summary>
    public string? HoldoutRows { get; init; }

    /// <summary>Metrics on the holdout, by name.</summary>
    public IReadOnlyDictionary<string, Metrics.MetricValue> Metrics
    {
        get => _metrics;
        init => _metrics = value ?? new Dictionary<string, Metrics.MetricValue>();
    }

    /// <summary>
    /// The mean absolute error on the holdout, in units of the label; <see langword="null"/> for classification, for an error that is not
    /// finite, and in packages that were made before 0.2.
    /// </summary>
    public double? MeanAbsoluteError { get; init; }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
