using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace MlOps.Sdk.Registry;

/// <summary>
/// When a version that fails is no longer called for a while, so that its fallback answers at once: the circuit breaker of Polly. Each
/// version has a circuit of its own in each process.
/// </summary>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record CircuitOptions
{
    /// <summary>
    /// The share of calls within <see cref="SamplingDuration"/> that fail, above 0 to 1, at which the circuit opens. Default: 0.5.
    /// </summary>
    [Range(double.Epsilon, 1)]
    public double FailureRatio { get; init; } = 0.5;

    /// <summary>Over how long calls are counted: 500 milliseconds to 1 day. Default: 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "1.00:00:00")]
    public TimeSpan SamplingDuration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The calls within <see cref="SamplingDuration"/> below which the circuit stays closed, at least 2. Default: 20.</summary>
    [Range(2, int.MaxValue)]
    public int MinimumThroughput { get; init; } = 20;

    /// <summary>
    /// How long the circuit stays open, 500 milliseconds to 1 day. Then one call tries the version: when it succeeds, the circuit closes.
    /// Default: 15 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "1.00:00:00")]
    public TimeSpan BreakDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    internal void Validate(string parameter)
    {
        var mistakes = new List<ValidationResult>();
        if (Validator.TryValidateObject(this, new ValidationContext(this), mistakes, validateAllProperties: true)) return;
        throw new ArgumentException(string.Join(" ", mistakes.Select(mistake => mistake.ErrorMessage)), parameter);
    }
}
