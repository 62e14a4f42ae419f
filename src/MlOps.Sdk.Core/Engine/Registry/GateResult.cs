using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Registry;

/// <summary>The result of one gate.</summary>
/// <param name="Name">The gate, for example <c>roc_auc</c>.</param>
/// <param name="Outcome">What it said.</param>
/// <param name="Observed">What was found, as text.</param>
/// <param name="Required">What was requested, as text.</param>
/// <param name="Explanation">Why, as a sentence.</param>
public sealed record GateResult(string Name, GateOutcome Outcome, string Observed, string Required, string Explanation)
{
    /// <summary>
    /// Whether it failed only because people have not decided yet: the gate of the approvals. Default: no.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsPending { get; init; }

    /// <summary>What it said, as people write it: it did not fail while people have not decided yet.</summary>
    internal string Word => IsPending ? "awaited"
        : Outcome == GateOutcome.NotApplicable ? "does not apply"
        : Prose.Words(Outcome.ToString());

    /// <summary>The gate in a line.</summary>
    public override string ToString() => $"{(IsPending ? "Pending" : Outcome)} {Name}: {Observed}, required {Required}. {Explanation}";
}
