using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.AspNetCore;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Deployment;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Docs;

/// <summary>What operators filter by is stable, unique, and on the page.</summary>
[TestFixture]
public sealed partial class TelemetryPageTests
{
    private static string Page => Documentation.Read(Path.Combine("docs", "operations", "telemetry.md"));

    private static IReadOnlyList<LoggerMessageAttribute> Events { get; } =
    [
        .. new[]
        {
            typeof(MlOpsException).Assembly, typeof(ModelServingOptions).Assembly, typeof(SageMakerTarget).Assembly,
            typeof(KubernetesTarget).Assembly,
        }.SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetMethods(
                BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>())
            .OfType<LoggerMessageAttribute>(),
    ];

    [Test]
    public void EventIds_OfTheLibrary_AreUnique() =>
        Assert.That(Events.Select(entry => entry.EventId), Is.Unique);

    [Test]
    public void EventIds_OnThePage_AreThoseOfTheCode()
    {
        var documented = EventRow().Matches(Page).Select(row => $"{row.Groups[1].Value} {row.Groups[2].Value}");

        Assert.That(Events, Is.Not.Empty);
        Assert.That(documented, Is.EquivalentTo(Events.Select(entry => $"{entry.EventId} {entry.Level}")));
    }

    [Test]
    public void Metrics_OnThePage_AreThoseOfTheCode()
    {
        var instruments = new[] { typeof(Telemetry), typeof(HttpTelemetry) }
            .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public))
            .Select(field => field.GetValue(null))
            .OfType<Instrument>();

        Assert.That(
            MetricRow().Matches(Page).Select(row => row.Groups[1].Value),
            Is.EquivalentTo(instruments.Select(instrument => instrument.Name)));
    }

    [GeneratedRegex(@"^\| (\d+) \| (\w+) \|", RegexOptions.Multiline)]
    private static partial Regex EventRow();

    [GeneratedRegex(@"^\| `(mlops\.[a-z.]+)` \|", RegexOptions.Multiline)]
    private static partial Regex MetricRow();
}
