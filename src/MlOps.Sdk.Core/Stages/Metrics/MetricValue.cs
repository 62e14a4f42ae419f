using System.Globalization;
using System.Text.Json.Serialization;

namespace MlOps.Sdk.Metrics;

/// <summary>The value of a metric, which may be undefined, with its confidence interval where one was computed.</summary>
/// <param name="Value">The point; NaN when undefined.</param>
/// <param name="Lower">The lower bound of the interval; NaN when there is none.</param>
/// <param name="Upper">The upper bound of the interval; NaN when there is none.</param>
/// <param name="Undefined">Why the value is undefined; <see langword="null"/> when it is defined.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public readonly record struct MetricValue(double Value, double Lower, double Upper, string? Undefined = null)
{
    /// <summary>A value without an interval.</summary>
    /// <param name="value">The point.</param>
    public MetricValue(double value)
        : this(value, double.NaN, double.NaN)
    {
    }

    /// <summary>Whether there is a value.</summary>
    public bool IsDefined => Undefined is null && !double.IsNaN(Value);

    /// <summary>Whether there is an interval: two bounds, the lower one not above the upper one.</summary>
    public bool HasInterval => Lower <= Upper;

    /// <summary>A value that does not exist, for example the recall of a group without positives.</summary>
    /// <param name="reason">Why, as a sentence.</param>
    public static MetricValue NotDefined(string reason) => new(double.NaN, double.NaN, double.NaN, reason);

    /// <summary>The value, with its interval in brackets where there is one, or why it is undefined.</summary>
    public override string ToString() => !IsDefined
        ? $"undefined{(Undefined is null ? "" : $": {Undefined}")}"
        : HasInterval
            ? string.Create(CultureInfo.InvariantCulture, $"{Value:0.######} ({Lower:0.######} to {Upper:0.######})")
            : Value.ToString("0.######", CultureInfo.InvariantCulture);
}
