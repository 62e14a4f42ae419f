using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Tracking;

internal sealed class RunFilterTests
{
    [TestCase("metrics.roc_auc > 0.8 and params.leaves = 31 and tag.team = \"retention\"")]
    [TestCase("params.trainer = \"gradient-boosting\" or params.trainer = \"logistic\"")]
    [TestCase("(state = \"Failed\" or state = \"Interrupted\") and started >= 2026-01-31")]
    [TestCase("not (metrics.loss exists)")]
    [TestCase("not (metrics.a < 1 or metrics.b >= 2)")]
    [TestCase("tag.\"a name\" != \"a \\\"quoted\\\" \\\\ text\"")]
    [TestCase("params.leaves in (7, 15, \"many\")")]
    [TestCase("lifecycle like \"churn%\" and duration <= 60.5 and started < 2026-01-31T08:30:00.5Z")]
    [TestCase("metrics.x = -1E-07")]
    [TestCase("")]
    public void Parse_Canonical_IsWrittenAlike(string text) => Assert.That(RunFilter.Parse(text).ToString(), Is.EqualTo(text));

    [TestCase("METRICS.x>1AND metrics.y<2", null)]
    [TestCase("metrics.x>1 AND metrics.y<2", "metrics.x > 1 and metrics.y < 2")]
    [TestCase(" ( ( metrics.x == 1 ) ) ", "metrics.x = 1")]
    [TestCase("metrics.x <> 1", "metrics.x != 1")]
    [TestCase("a.b = 1", null)]
    [TestCase("tags.team = retention", "tag.team = \"retention\"")]
    [TestCase("tag.build = 042", "tag.build = \"042\"")]
    [TestCase("params.leaves = '31'", "params.leaves = \"31\"")]
    [TestCase("metrics.difference(female) > 0", "metrics.\"difference(female)\" > 0")]
    [TestCase("metrics.holdout.recall_at(0.5).mean exists", "metrics.\"holdout.recall_at(0.5).mean\" exists")]
    [TestCase("metrics.'my metric'<3", "metrics.\"my metric\" < 3")]
    [TestCase("state in (failed, CANCELLED)", "state in (\"Failed\", \"Cancelled\")")]
    [TestCase("ended < '2026-03-01T12:00+02:00'", "ended < 2026-03-01T10:00:00Z")]
    [TestCase("metrics.a > 1 or metrics.b > 2 and metrics.c > 3", "metrics.a > 1 or (metrics.b > 2 and metrics.c > 3)")]
    [TestCase("not not metrics.a exists", "not (not (metrics.a exists))")]
    [TestCase("metrics.in = 1 and params.and = or", null)]
    [TestCase("metrics.in = 1 and params.and = 'or'", "metrics.in = 1 and params.and = \"or\"")]
    public void Parse_OtherSpellings_AreTheSame(string text, string? canonical)
    {
        if (canonical is null) Assert.That(() => RunFilter.Parse(text), Throws.TypeOf<RunFilterException>());
        else Assert.That(RunFilter.Parse(text).ToString(), Is.EqualTo(canonical));
    }

    [TestCase("metrics.auc", 12, "=, !=, <, <=, >, >=, in, like or exists was expected after 'metrics.auc'")]
    [TestCase("metric.auc > 1", 1, "Did you mean 'metrics.auc'?")]
    [TestCase("stat = Failed", 1, "Did you mean 'state'?")]
    [TestCase("state = Fialed", 9, "'Fialed' is not a state")]
    [TestCase("metrics.auc > high", 15, "'high' is not")]
    [TestCase("metrics.auc > ", 15, "a value was expected")]
    [TestCase("metrics.auc > NaN", 15, "'NaN' is not")]
    [TestCase("metrics.auc > 1e999", 15, "'1e999' is not")]
    [TestCase("params.leaves > many", 17, "ordered as a number")]
    [TestCase("tag.team > b", 12, "has no order")]
    [TestCase("started > yesterday", 11, "'yesterday' is not")]
    [TestCase("started > 2026-02-30", 11, "'2026-02-30' is not")]
    [TestCase("(metrics.a > 1", 15, "')' was expected for the '(' at character 1")]
    [TestCase("metrics.a > 1)", 14, "'and', 'or' or the end was expected")]
    [TestCase("metrics.a > 1 metrics.b > 2", 15, "'and', 'or' or the end was expected")]
    [TestCase("tag.team = \"open", 12, "no closing")]
    [TestCase("params.leaves in 3", 18, "'(' was expected after 'in'")]
    [TestCase("params.leaves in ()", 19, "a value was expected")]
    [TestCase("metrics.a like 3", 16, "is not a text")]
    [TestCase("and", 1, "'and' is not a field")]
    [TestCase("metrics. > 1", 1, "'metrics.' is not a field")]
    [TestCase("= 1", 1, "the name of a field was expected")]
    [TestCase("metrics.recall(0.5 > 1", 15, "')' was expected")]
    public void Parse_Mistake_SaysWhereAndWhat(string text, int place, string message)
    {
        var error = Assert.Throws<RunFilterException>(() => RunFilter.Parse(text));

        Assert.That(error.Message, Does.Contain($"at character {place}:").And.Contain(message));
        Assert.That(error.Position, Is.EqualTo(place - 1));
        Assert.That(error.Expected, Does.Contain(message));
    }

    [Test]
    public void Parse_TooMuch_IsRejected()
    {
        Assert.That(
            () => RunFilter.Parse(new string('(', 5_000)), Throws.TypeOf<RunFilterException>().With.Message.Contains("nested at most 50"));
        Assert.That(
            () => RunFilter.Parse(string.Concat(Enumerable.Repeat("not ", 4_000))),
            Throws.TypeOf<RunFilterException>().With.Message.Contains("nested at most 50"));
        Assert.That(
            () => RunFilter.Parse(string.Join(" or ", Enumerable.Repeat("metrics.a > 1", 201))),
            Throws.TypeOf<RunFilterException>().With.Message.Contains("at most 200 comparisons"));
        Assert.That(
            () => RunFilter.Parse(new string('x', 1_000_001)),
            Throws.TypeOf<RunFilterException>().With.Message.Contains("1,000,000 characters"));
    }

    [Test]
    public void Build_TooMuch_IsRejectedAndWhatIsNotCanBeRead()
    {
        var one = RunFilter.Tag("team").Is("a");
        Largest(filter => filter | one, one, "200 comparisons");
        Largest(filter => filter & one, one, "200 comparisons");
        Largest(filter => !filter, one, "nested at most 50");
        Largest(filter => (filter | one) & one, one, "nested at most 50");
        Largest(filter => !(filter & one) | one, one, "nested at most 50");
        Assert.That(
            () => RunFilter.Id.IsOneOf([.. Enumerable.Range(0, 40_000).Select(i => $"{i}")]),
            Throws.TypeOf<RunFilterException>().With.Message.Contains("10,000 values"));
        Assert.That(
            () => RunFilter.Tag("team").Is(new string('x', 1_000_000)),
            Throws.TypeOf<RunFilterException>().With.Message.Contains("1,000,000 characters"));
        var many = RunFilter.Id.IsOneOf([.. Enumerable.Range(0, 10_000).Select(i => $"{i}")]);
        Assert.That(RunFilter.Parse(many.ToString()), Is.EqualTo(many));

        static void Largest(Func<RunFilter, RunFilter> grow, RunFilter filter, string bound)
        {
            for (var i = 0; i < 1_000; i++)
            {
                try
                {
                    filter = grow(filter);
                }
                catch (RunFilterException e)
                {
                    Assert.That(e.Message, Does.Contain(bound));
                    Assert.That(RunFilter.Parse(filter.ToString()), Is.EqualTo(filter));
                    return;
                }
            }

            Assert.Fail("It grew without a bound.");
        }
    }

    [Test]
    public void Parse_WhatCodeBuilds_IsEqual()
    {
        var built = RunFilter.Metric("roc_auc").IsAbove(0.8) & RunFilter.Parameter("leaves").Is(31) & !RunFilter.Tag("team").Exists();
        var either = RunFilter.State.IsOneOf("Failed", "interrupted")
            | RunFilter.Started.IsSince(new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc));

        Assert.That(RunFilter.Parse("metrics.roc_auc > 0.8 and params.leaves = 31 and not tag.team exists"), Is.EqualTo(built));
        Assert.That(RunFilter.Parse(either.ToString()), Is.EqualTo(either));
        Assert.That((built & either).ToString(), Does.EndWith("and (state in (\"Failed\", \"Interrupted\") or started >= 2026-01-02)"));
        Assert.That((RunFilter.All & built).ToString(), Is.EqualTo(built.ToString()));
    }

    [Test]
    public void Compare_WhatAFieldCannotBe_IsRejected()
    {
        Assert.That(() => RunFilter.Metric("auc").Is("high"), Throws.ArgumentException);
        Assert.That(() => RunFilter.Metric("auc").IsAbove(double.NaN), Throws.ArgumentException);
        Assert.That(() => RunFilter.State.Is("Done"), Throws.ArgumentException.With.Message.Contains("Succeeded"));
        Assert.That(() => RunFilter.Tag("team").IsAbove(1), Throws.ArgumentException);
        Assert.That(() => RunFilter.Duration.IsLike("1%"), Throws.ArgumentException);
        Assert.That(() => RunFilter.Parameter("a").IsOneOf(Array.Empty<string>()), Throws.ArgumentException);
        Assert.That(() => RunFilter.Metric(""), Throws.ArgumentException);
    }
}
