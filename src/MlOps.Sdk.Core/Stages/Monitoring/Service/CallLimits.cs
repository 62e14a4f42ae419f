using MathNet.Numerics;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Monitoring;

/// <summary>What the monitors of calls share.</summary>
internal static class CallLimits
{
    public const string NothingCounted = "The calls of this model are not counted here.";

    public static string TooFew(long calls, long needed) => $"{Prose.Count(calls, "call")}; {Prose.Count(needed)} are needed.";

    /// <summary>
    /// The probability of at least so many bad calls where the share of bad ones is the limit: the exact binomial test, one-sided, by the
    /// regularized incomplete beta function.
    /// </summary>
    public static double TailOf(long bad, long calls, double limit) =>
        bad == 0 ? 1 : Math.Clamp(SpecialFunctions.BetaRegularized(bad, calls - bad + 1, limit), 0, 1);
}
