using System.Globalization;
using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Processing;

/// <summary>What came of an expectation.</summary>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record ExpectationResult
{
    /// <summary>The name of the expectation.</summary>
    public required string Name { get; init; }

    /// <summary>What was expected.</summary>
    public required string Description { get; init; }

    /// <summary>What happens when it is not met.</summary>
    public required OnFailure OnFailure { get; init; }

    /// <summary>The share of rows that must pass, 0 to 1.</summary>
    public required double Mostly { get; init; }

    /// <summary>The number of rows that were checked.</summary>
    public required long RowsChecked { get; init; }

    /// <summary>The number of rows that failed.</summary>
    public required long RowsFailed { get; init; }

    /// <summary>The first rows that failed, at most five; none where rows were checked in a warehouse, which counts them only.</summary>
    public required IReadOnlyList<ExpectationExample> Examples { get; init; }

    /// <summary>What is wrong with the rows as a whole; <see langword="null"/> when nothing is.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether enough rows passed and nothing is wrong with the rows as a whole.</summary>
    public bool Met => Problem is null && RowsFailed <= (1 - Mostly) * RowsChecked + 1e-9;

    /// <summary>Whether the run fails for it: it is not met, and is neither a warning nor without a limit to what is quarantined.</summary>
    public bool FailsRun { get; init; }

    /// <summary>The share of rows that passed, 0 to 1; 1 when there are none.</summary>
    public double PassedShare => RowsChecked == 0 ? 1 : (double)(RowsChecked - RowsFailed) / RowsChecked;

    /// <summary>The result in plain language, with the numbers, the tolerance where there is one, and the first examples.</summary>
    public string Sentence
    {
        get
        {
            var outcome = Met ? "met" : "not met";
            if (Problem is not null) return $"{Description}: {outcome}, {Problem}.";
            if (RowsFailed == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{Description}: {outcome} in all {RowsChecked:N0} rows.");
            }
            var tolerance = Mostly < 1 ? string.Create(CultureInfo.InvariantCulture, $", where {100 * Mostly:0.###} % must") : "";
            var examples = string.Join(", ", Examples.Select(example => string.Create(
                CultureInfo.InvariantCulture,
                $"row {example.Row}{(example.Value is null ? "" : $" '{example.Value}'")}")));
            if (examples.Length > 0) examples = $" ({examples})";
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{Description}: {outcome}, {100 * PassedShare:0.###} % of {RowsChecked:N0} rows pass{tolerance}; " +
                    $"{RowsFailed:N0} fail{examples}.");
        }
    }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
