using MlOps.Sdk.Exploration;

namespace MlOps.Sdk;

/// <summary>The hypotheses that come with the library.</summary>
public static class ExplorationExtensions
{
    /// <summary>
    /// Tests a hypothesis written as a sentence, for example <c>rows => rows.Rate("churn",
    /// "Yes").IsHigherWhere("contract", "Month-to-month")</c>.
    /// </summary>
    /// <param name="exploration">The builder.</param>
    /// <param name="name">The hypothesis in words.</param>
    /// <param name="claim">The hypothesis as a claim about the training rows.</param>
    public static ExplorationBuilder Hypothesis(
        this ExplorationBuilder exploration, string name, Func<HypothesisRows, HypothesisClaim> claim) =>
        exploration.Test(HypothesisRows.Write(name, claim));
}
