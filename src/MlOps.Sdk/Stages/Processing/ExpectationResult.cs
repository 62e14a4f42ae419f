namespace MlOps.Sdk.Processing;

/// <summary>What came of an expectation.</summary>
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

    /// <summary>The first rows that failed, at most five.</summary>
    public required IReadOnlyList<ExpectationExample> Examples { get; init; }

    /// <summary>What is wrong with the rows as a whole; <see langword="null"/> when nothing is.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether enough rows passed and nothing is wrong with the rows as a whole.</summary>
    public bool Met => Problem is null && RowsFailed <= (1 - Mostly) * RowsChecked + 1e-9;
}
