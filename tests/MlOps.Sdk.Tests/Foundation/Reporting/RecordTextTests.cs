using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Reporting;

/// <summary>Public records are readable where somebody prints them.</summary>
public sealed class RecordTextTests
{
    [TestCase(0.08, "Cohen's h 0.12, at least 0.08 (material from 0.1), Fisher exact of missing values 3, p 0.002, 500 rows against 900")]
    [TestCase(null, "Cohen's h 0.12 (material from 0.1), Fisher exact of missing values 3, p 0.002, 500 rows against 900")]
    public void ToString_Measurement_ShowsTheBoundByWhichItIsJudged(double? lower, string says)
    {
        var measurement = new Measurement
        {
            Signal = Signal.DataDrift,
            Subject = "plan",
            Statistic = "Fisher exact of missing values",
            Value = 3,
            PValue = 0.002,
            Effect = "Cohen's h",
            EffectSize = 0.12,
            EffectLower = lower,
            Material = 0.1,
            ReferenceRows = 900,
            CurrentRows = 500,
        };

        Assert.That(measurement.ToString(), Is.EqualTo($"DataDrift of plan: {says}"));
    }

    private static IEnumerable<Type> Records() => typeof(Workspace).Assembly.GetExportedTypes().Where(type =>
        type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic) is not null);

    [Test]
    public void ToString_EveryPublicRecordWithAList_IsWritten()
    {
        var records = Records().ToArray();
        var dumped = records
            .Where(type => type.GetProperties().Any(property => IsList(property.PropertyType)))
            .Select(type => type.GetMethod(nameof(ToString), [])!)
            .Where(method => method.GetCustomAttribute<CompilerGeneratedAttribute>(inherit: false) is not null)
            .Select(method => method.DeclaringType!.Name);

        Assert.Multiple(() =>
        {
            Assert.That(records, Has.Length.GreaterThan(50));
            Assert.That(dumped, Is.Empty, "the compiler writes the type of a list in place of what it holds");
        });

        static bool IsList(Type type) => type != typeof(string)
            && (type.IsAssignableTo(typeof(IEnumerable))
                || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ReadOnlyMemory<>)));
    }

    [Test]
    public void ToString_EveryPublicRecordWithATime_IsWritten()
    {
        var dumped = Records()
            .Where(type => type.GetProperties().Any(
                property => (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) == typeof(DateTimeOffset)))
            .Select(type => type.GetMethod(nameof(ToString), [])!)
            .Where(method => method.GetCustomAttribute<CompilerGeneratedAttribute>(inherit: false) is not null)
            .Select(method => method.DeclaringType!.Name);

        Assert.That(dumped, Is.Empty, "the compiler writes times as the culture of the thread does");
    }

    [Test]
    public void Of_Time_IsWrittenInUtcAndNotAsACultureDoes()
    {
        var at = new DateTimeOffset(2026, 11, 30, 19, 36, 31, TimeSpan.FromHours(2));

        Assert.That(
            new AliasChange("churn", "candidate", 2, null, at, "ann", "it is better").ToString(),
            Is.EqualTo(
                "AliasChange { Model = churn, Alias = candidate, Version = 2, Previous = , At = 2026-11-30 17:36:31Z, Actor = ann, " +
                "Reason = it is better, IsRemoval = False }"));
    }

    [Test]
    public void Of_ListsAndNumbers_AreWrittenIndependentOfCulture()
    {
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        CultureInfo.CurrentCulture = comma;
        Assert.Multiple(() =>
        {
            Assert.That(
                new ModelAnswer(0.5, "Yes", [0.25, 0.5]).ToString(),
                Is.EqualTo("ModelAnswer { Score = 0.5, Label = Yes, Scores = [0.25, 0.5] }"));
            Assert.That(RecordText.ListOf(Enumerable.Range(0, 12)), Is.EqualTo("[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, … 12 in all]"));
            Assert.That(
                new Sample(new Dictionary<string, double> { ["a"] = double.NaN }, [], new byte[3]).ToString(),
                Is.EqualTo("Sample { Named = [a: NaN], None = [], Bytes = 3 bytes }"));
            Assert.That(new MetricValue(0.85, 0.8, 0.9).ToString(), Is.EqualTo("0.85 (0.8 to 0.9)"));
            Assert.That(new MetricValue(12.5).ToString(), Is.EqualTo("12.5"));
            Assert.That(MetricValue.NotDefined("No row is positive.").ToString(), Is.EqualTo("undefined: No row is positive."));
            Assert.That(
                new FeedbackReceipt(1, 2, 3, [PredictionId.New()]).ToString(),
                Is.EqualTo("1 label added, 2 changed, 3 unchanged, 1 unmatched"));
        });
    }

    [Test]
    public async Task ToString_ResultsOfALifecycle_SayWhatCameOfIt()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var run = await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);
        SampleLifecycle.Serve(workspace, Subscriber.Draw(400, seed: 9, shifted: true));
        var report = (await workspace.Monitor(SampleLifecycle.Name).CheckAsync())!;
        var version = await workspace.Models.GetAsync(SampleLifecycle.Name, 1);

        Assert.Multiple(() =>
        {
            Assert.That(run.ToString(), Does.Contain($"{run.Id} of subscribers: Succeeded").And.Contain("7 Training: Succeeded in"));
            Assert.That(run.Deployment!.ToString(), Does.StartWith("subscribers version 1 is live: ").And.Contain("  Passed "));
            Assert.That(run.Training!.ToString(), Does.Contain("positive from 0.").And.Contain("candidate"));
            Assert.That(run.Exploration!.ToString(), Does.Contain("Supported: Monthly plans are left more often."));
            Assert.That(version.ToString(), Does.StartWith("subscribers version 1, of run").And.Contain("roc_auc 0."));
            Assert.That(
                report.ToString(), Does.Contain("400 predictions").And.Contain("Changed: DataDrift of spend").And.Contain("p < 0.0001"));
            object[] all =
            [
                run, run.Record, run.Deployment, run.Training, run.Exploration, run.Features!, run.Processing!, run.Collection!, version,
                report,
            ];
            foreach (var text in all)
            {
                Assert.That(text.ToString(), Does.Not.Contain("System.Collections").And.Not.Contain("ReadOnly").And.Not.Contain("`1["));
            }
        });
    }

    [TestCase(186_200.4, 5, "186,200")]
    [TestCase(1_234_567.0, 4, "1,235,000")]
    [TestCase(84_384.0, 5, "84,384")]
    [TestCase(0.0123456, 4, "0.01235")]
    [TestCase(-12.5, 4, "−12.5")]
    [TestCase(0.0, 4, "0")]
    [TestCase(1e20, 4, "1 × 10²⁰")]
    [TestCase(double.NaN, 4, "NaN")]
    public void Number_AnySize_IsWrittenOut(double value, int digits, string expected) =>
        Assert.That(Prose.Number(value, digits), Is.EqualTo(expected));

    private sealed record Sample(IReadOnlyDictionary<string, double> Named, IReadOnlyList<RunRecord> None, ReadOnlyMemory<byte> Bytes)
    {
        public override string ToString() => RecordText.Of(this);
    }
}
