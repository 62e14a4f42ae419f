namespace MlOps.Sdk.Packaging;

/// <summary>Where a model came from. Beside the hashed content: two runs that make the same model have different facts.</summary>
public sealed record RunFacts
{
    /// <summary>The run that trained the model; <see langword="null"/> for a model trained elsewhere.</summary>
    public string? RunId { get; init; }

    /// <summary>When the package was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The trainer's name.</summary>
    public string? Trainer { get; init; }

    /// <summary>The hyperparameters of the model.</summary>
    public IReadOnlyDictionary<string, double> Parameters { get; init; } = new Dictionary<string, double>();

    /// <summary>The SHA-256 of the training rows' snapshot.</summary>
    public string? TrainingRows { get; init; }

    /// <summary>The SHA-256 of the holdout's snapshot.</summary>
    public string? HoldoutRows { get; init; }

    /// <summary>Metrics on the holdout, by name.</summary>
    public IReadOnlyDictionary<string, Metrics.MetricValue> Metrics { get; init; } = new Dictionary<string, Metrics.MetricValue>();
}
