namespace MlOps.Sdk.Processing;

/// <summary>What is expected of a table in a warehouse, in the order in which it is answered. Not thread-safe.</summary>
public sealed class TableExpectations
{
    private readonly List<ExpectationRule> _rules = [];

    internal TableExpectations()
    {
    }

    internal IReadOnlyList<ExpectationRule> Rules => _rules;

    /// <summary>Adds an expectation, for example <c>rows => rows.Column("tenure").Between(0, 120)</c>.</summary>
    /// <param name="expectation">Chooses the expectation.</param>
    /// <param name="mostly">The share of rows that must pass, above 0 and up to 1. Default: all.</param>
    /// <returns>The same list.</returns>
    public TableExpectations Expect(Func<ExpectationRows, IExpectation> expectation, double mostly = 1)
    {
        ArgumentNullException.ThrowIfNull(expectation);
        return Expect(expectation(new ExpectationRows()), mostly);
    }

    /// <summary>Adds an expectation of those that come with the library.</summary>
    /// <param name="expectation">The expectation.</param>
    /// <param name="mostly">The share of rows that must pass, above 0 and up to 1. Default: all.</param>
    /// <returns>The same list.</returns>
    /// <exception cref="MlOpsException">
    /// It depends on the order of rows, which a table does not have, or is one that only runs in the process.
    /// </exception>
    public TableExpectations Expect(IExpectation expectation, double mostly = 1)
    {
        ArgumentNullException.ThrowIfNull(expectation);
        if (mostly is not (> 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(mostly), mostly, "A share is above 0 and up to 1.");
        if (expectation is not ITableExpectation table)
        {
            throw new MlOpsException(
                $"The expectation '{expectation.Name}' cannot be written in SQL.",
                "Check it in ProcessData, or on a sample of the rows; a warehouse checks the expectations that come with the library.");
        }
        if (table.Plan is OrderPlan)
        {
            throw new MlOpsException(
                $"The expectation '{expectation.Name}' depends on the order of rows, which a table does not have.",
                "Check it in ProcessData, with a source that reads the rows in order.");
        }
        _rules.Add(new ExpectationRule(expectation, OnFailure.Fail, mostly));
        return this;
    }

    /// <summary>Adds expectations that earlier rows suggested.</summary>
    /// <param name="suggested">The expectations.</param>
    /// <returns>The same list.</returns>
    public TableExpectations Expect(SuggestedExpectations suggested)
    {
        ArgumentNullException.ThrowIfNull(suggested);
        foreach (var one in suggested) Expect(one.Expectation);
        return this;
    }
}
