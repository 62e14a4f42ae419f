// begin-snippet: problem-extension
using MlOps.Sdk;
using MlOps.Sdk.Problem;

namespace Acme;

public static class HouseRules
{
    /// <summary>What every lifecycle of the retention team states.</summary>
    public static ProblemBuilder ForRetention(this ProblemBuilder problem) => problem
        .Owner("retention-team").Risk(RiskLevel.Limited).Protect("female", "senior_citizen");
}
// end-snippet
