using System.Globalization;

namespace MlOps.Sdk.Processing;

/// <summary>The data do not meet expectations; nothing was kept.</summary>
public sealed class ExpectationFailedException : MlOpsException
{
    /// <summary>Creates the failure.</summary>
    /// <param name="results">The results of all expectations.</param>
    /// <param name="window">Which window of a stream they are of; <see langword="null"/> (the default) for none.</param>
    public ExpectationFailedException(IReadOnlyList<ExpectationResult> results, string? window = null)
        : base(
            $"{(window is null ? "" : $"{window}: ")}{Describe(results)}",
            "Repair the data at its source, add a step that repairs them, or quarantine the rows (OnFailure.Quarantine), " +
                "tolerate more of them (mostly), or warn.") => Results = results;

    /// <summary>Creates the failure without results.</summary>
    public ExpectationFailedException()
        : this([])
    {
    }

    /// <summary>Creates the failure without results.</summary>
    /// <param name="message">What went wrong.</param>
    public ExpectationFailedException(string message)
        : base(message) => Results = [];

    /// <summary>Creates the failure without results.</summary>
    /// <param name="message">What went wrong.</param>
    /// <param name="innerException">The cause.</param>
    public ExpectationFailedException(string message, Exception innerException)
        : base(message, innerException) => Results = [];

    /// <summary>The results of all expectations, also of those that were met.</summary>
    public IReadOnlyList<ExpectationResult> Results { get; }

    private static string Describe(IReadOnlyList<ExpectationResult> results)
    {
        var failed = results.Where(result => result.FailsRun).Select(Describe).ToList();
        return $"The data do not meet {failed.Count} expectation{(failed.Count == 1 ? "" : "s")}: {string.Join("; ", failed)}.";
    }

    private static string Describe(ExpectationResult result)
    {
        if (result.Problem is not null) return $"{result.Description}: {result.Problem}";
        var examples = string.Join(", ", result.Examples.Select(example => string.Create(
            CultureInfo.InvariantCulture,
            $"row {example.Row}{(example.Value is null ? "" : $" '{example.Value}'")}")));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Description}: {result.RowsFailed:N0} of {result.RowsChecked:N0} rows fail" +
                $"{(result.Mostly < 1 ? $", so {100 * result.PassedShare:0.###} % pass where {100 * result.Mostly:0.###} % must" : "")} " +
                $"({examples})");
    }
}
