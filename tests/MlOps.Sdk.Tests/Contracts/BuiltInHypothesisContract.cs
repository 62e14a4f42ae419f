using MlOps.Sdk.Exploration;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

[TestFixtureSource(nameof(Names))]
public sealed class BuiltInHypothesisContract(string name) : HypothesisContract
{
    private static readonly Dictionary<string, Func<HypothesisRows, HypothesisClaim>> Claims = new()
    {
        ["rate is higher"] = rows => rows.Rate("outcome", "yes").IsHigherWhere("member", "false"),
        ["rate is lower"] = rows => rows.Rate("outcome", "yes").IsLowerWhere("plan", "basic"),
        ["mean is higher"] = rows => rows.Mean("amount").IsHigherWhere("outcome", "yes"),
        ["mean is lower"] = rows => rows.Mean("visits").IsLowerWhere("outcome", "yes"),
        ["mean differs"] = rows => rows.Mean("amount").DiffersBetween("outcome"),
        ["correlates"] = rows => rows.Correlates("amount", "visits"),
        ["is independent"] = rows => rows.IsIndependent("plan", "member"),
    };

    public static IEnumerable<string> Names => Claims.Keys;

    protected override IHypothesis Create() => HypothesisRows.Write(name, Claims[name]);
}
