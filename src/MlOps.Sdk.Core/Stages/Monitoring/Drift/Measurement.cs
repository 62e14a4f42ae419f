using System.Globalization;
using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Monitoring;

/// <summary>What a monitor measured. Whether it means anything is decided over all measurements together.</summary>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record Measurement
{
    /// <summary>What kind of change is measured.</summary>
    public required Signal Signal { get; init; }

    /// <summary>What was measured: a column, the score, a protected attribute.</summary>
    public required string Subject { get; init; }

    /// <summary>The name of the test or statistic, for example <c>KS</c>.</summary>
    public required string Statistic { get; init; }

    /// <summary>The value of the statistic.</summary>
    public required double Value { get; init; }

    /// <summary>The p-value; <see langword="null"/> when the statistic has none.</summary>
    public double? PValue { get; init; }

    /// <summary>The name of the effect size, for example <c>PSI</c>.</summary>
    public required string Effect { get; init; }

    /// <summary>The effect size, at least 0.</summary>
    public required double EffectSize { get; init; }

    /// <summary>
    /// The lower confidence bound of the effect size, by which it is judged: noise alone is never material, and a change does not hide in
    /// it either. <see langword="null"/> where the effect size itself is judged.
    /// </summary>
    public double? EffectLower { get; init; }

    /// <summary>From which effect size the change is material.</summary>
    public required double Material { get; init; }

    /// <summary>Rows of the reference; 0 where there is none.</summary>
    public long ReferenceRows { get; init; }

    /// <summary>Rows of the window.</summary>
    public long CurrentRows { get; init; }

    /// <summary>
    /// What could not be measured, and why; <see langword="null"/> when all was. Where the rest shows no change, the verdict is
    /// <see cref="MonitoringVerdict.NotEnoughData"/>.
    /// </summary>
    public string? NotMeasured { get; init; }

    /// <summary>What else a reader should know, for example a second distance.</summary>
    public string? Note { get; init; }

    /// <summary>The measurement in a line.</summary>
    public override string ToString() => NotMeasured is not null
        ? $"{Signal} of {Subject}: not measured. {NotMeasured}"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{Signal} of {Subject}: {Effect} {EffectSize:0.####}" +
                $"{(EffectLower is { } lower ? FormattableString.Invariant($", at least {lower:0.####}") : "")}" +
                $" (material from {Material:0.####}), {Statistic} {Value:0.####}" +
                $"{(PValue is { } p ? p < 0.0001 ? ", p < 0.0001" : FormattableString.Invariant($", p {p:0.####}") : "")}" +
                $", {Prose.Count(CurrentRows, "row")}" +
                $"{(ReferenceRows > 0 ? FormattableString.Invariant($" against {ReferenceRows:N0}") : "")}");
}
