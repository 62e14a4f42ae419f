namespace MlOps.Sdk.Processing;

/// <summary>Rows that fulfil a condition fail.</summary>
/// <param name="Columns">The columns that it reads.</param>
/// <param name="Condition">Writes the condition.</param>
internal sealed record ConditionPlan(IReadOnlyList<string> Columns, Func<TableTerms, string> Condition) : TablePlan
{
    /// <summary>Whether that is so for columns of texts only.</summary>
    public bool IsOfTexts { get; init; }
}
