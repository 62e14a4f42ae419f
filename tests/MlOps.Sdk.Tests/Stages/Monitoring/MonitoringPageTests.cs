using System.Text.RegularExpressions;
using MlOps.Sdk.Monitoring;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Monitoring;

/// <summary>The page of a check shows what changed first, and adds nothing to what did not.</summary>
public sealed class MonitoringPageTests
{
    private const string Hostile = "<img src=x onerror=alert(1)>\u202E";

    [Test]
    public async Task ToHtml_ShiftedPredictions_ShowsWhatChanged()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);
        SampleLifecycle.Serve(workspace, Subscriber.Draw(1_400, seed: 9, shifted: true));
        var report = (await workspace.Monitor(SampleLifecycle.Name).CheckAsync())!;

        var page = report.ToHtml();

        Assert.That(page, Does.Contain("<title>subscribers version 1: monitoring</title>"));
        Assert.That(page, Does.Contain($"1,400 predictions until {report.At.UtcDateTime:yyyy-MM-dd HH:mm} UTC"));
        Assert.That(Headings(page), Is.EqualTo(new[] { "What changed", "Data drift", "Prediction drift", "Bias" }));
        Assert.That(Regex.Count(page, "<h3>"), Is.EqualTo(report.Changes.Count()));
        Assert.That(Regex.Count(page, "data-of=\"verdict\""), Is.EqualTo(report.Findings.Count));
        Assert.That(page, Does.Contain($"<h3>{report.Changes.First().Measurement.Subject}</h3>").And.Contain("class=\"alarm\""));
        Assert.That(report.Alert!.Message, Does.Contain(" measurements changed over 1,400 predictions: "));
        Assert.That(report.ToString(), Does.Contain("1,400 predictions until "));
        Assert.That(page, Does.Not.Contain("data-of=\"note\""), "no finding lacks data");
        Assert.That(report.ToHtml("Now"), Does.Contain("<title>Now</title>"));
    }

    [Test]
    public void ToHtml_Verdicts_NoteOnlyWhatChangedOrIsMissing()
    {
        var page = Report(
            Finding("a", MonitoringVerdict.Changed, 0.5, note: "note of a"),
            Finding("b", MonitoringVerdict.Stable, 3.331e-7, note: "note of b"),
            Finding("c", MonitoringVerdict.NotEnoughData, 0, notMeasured: "7 rows; 200 are needed.")).ToHtml();

        Assert.That(page, Does.Contain("note of a").And.Not.Contain("note of b").And.Contain("7 rows; 200 are needed."));
        Assert.That(page, Does.Contain("&lt; 0.001").And.Not.Contain("e−"));
        Assert.That(
            Regex.Match(page, "<tr><td class=\" \" data-of=\"what\">c</td>.*").Value,
            Does.Contain("data-of=\"size\"></td>").And.Contain("data-of=\"adjusted p\"></td>"),
            "what was not measured has no size");
        Assert.That(page, Does.Contain(".stack td:empty{display:none!important}"), "nor a line for it on a phone");
        var stable = Report(Finding("b", MonitoringVerdict.Stable, 0)).ToHtml();
        Assert.That(stable, Does.Not.Contain("What changed").And.Contain("<b>stable</b>"));
    }

    [Test]
    public void ToHtml_HostileTexts_AreOnlyText()
    {
        var page = (Report(Finding(Hostile, MonitoringVerdict.Changed, double.PositiveInfinity, Hostile)) with
        {
            Model = Hostile,
            AlertFailure = Hostile,
            Failures = [new MonitorFailure(Hostile, Hostile)],
            Alert = new Alert("1", Hostile, 1, DateTimeOffset.UnixEpoch, [Signal.Custom], Hostile),
        }).ToHtml();

        Assert.That(page, Does.Not.Contain("<img").And.Not.Contain("\u202E").And.Contain("&lt;img").And.Contain("∞"));
    }

    private static MonitoringReport Report(params MonitoringFinding[] findings) => new()
    {
        Model = "m", Version = 3, At = DateTimeOffset.UnixEpoch, Rows = 500, Dropped = 0, Findings = findings,
    };

    private static MonitoringFinding Finding(
        string subject, MonitoringVerdict verdict, double effect, string? note = null, string? notMeasured = null) => new(
        "data drift",
        new Measurement
        {
            Signal = Signal.DataDrift, Subject = subject, Statistic = subject, Value = 1, Effect = subject, EffectSize = effect,
            Material = 0.1, CurrentRows = 500, Note = note, NotMeasured = notMeasured,
        },
        1e-30,
        verdict);

    private static string[] Headings(string page) =>
        [.. Regex.Matches(page, "<h2[^>]*>([^<]*)</h2>").Select(match => match.Groups[1].Value)];
}
