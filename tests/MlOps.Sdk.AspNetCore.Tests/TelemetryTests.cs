using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using NUnit.Framework;

namespace MlOps.Sdk.AspNetCore.Tests;

[TestFixture]
public sealed class TelemetryTests
{
    [Test]
    public async Task Metrics_OfCallsOfEveryKind_HaveTheirTags()
    {
        await using var app = await TestApp.StartAsync(options => options.BatchRows = 10, map: app =>
        {
            app.MapModels();
            app.MapOpenInference();
            app.MapMLflowScoring(SampleLifecycle.Name);
        });
        var counts = new Dictionary<string, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, of) =>
            {
                if (instrument.Name.StartsWith("mlops.http.", StringComparison.Ordinal)) of.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var values = tags.ToArray().Select(tag => Convert.ToString(tag.Value, CultureInfo.InvariantCulture));
            var name = $"{instrument.Name} {string.Join(' ', values)}";
            lock (counts) counts[name] = counts.GetValueOrDefault(name) + value;
        });
        listener.Start();
        var rows = Rows.Draw(3);

        await EveryRoute.AskAsync(app, rows);
        using var mistaken = await app.PostAsync($"/models/{SampleLifecycle.Name}/predict", """{"age":41}""");
        using var broken = await app.PostAsync($"/models/{SampleLifecycle.Name}/predict", "{");
        using var large = await app.PostAsync($"/models/{SampleLifecycle.Name}/predict", Rows.ToJson(Rows.Draw(11)));
        using var unknown = await app.PostAsync("/models/nobody/predict", Rows.One);
        await app.Workspace.Traffic.StopAsync(SampleLifecycle.Name, "wrong prices");
        using var stopped = await app.PostAsync("/invocations", $$"""{"instances":[{{Rows.One}}]}""");

        // Requests are counted after their answers are written.
        var expected = new Dictionary<string, long>
        {
            ["mlops.http.requests predict 200"] = 5,
            ["mlops.http.requests infer 200"] = 1,
            ["mlops.http.requests invocations 200"] = 1,
            ["mlops.http.requests invocations 503"] = 1,
            ["mlops.http.requests predict 422"] = 1,
            ["mlops.http.requests predict 400"] = 1,
            ["mlops.http.requests predict 413"] = 1,
            ["mlops.http.requests predict 404"] = 1,
            ["mlops.http.rows predict"] = 1 + 3 * rows.Length,
            ["mlops.http.rows predict-stream"] = rows.Length,
            ["mlops.http.rows infer"] = rows.Length,
            ["mlops.http.rows invocations"] = rows.Length,
            ["mlops.http.rejected mistakes"] = 1,
            ["mlops.http.rejected syntax"] = 1,
            ["mlops.http.rejected size"] = 1,
            ["mlops.http.rejected unknown"] = 1,
            ["mlops.http.rejected stopped"] = 1,
        };
        Assert.That(Read, Is.EquivalentTo(expected).After(10_000, 10));

        Dictionary<string, long> Read()
        {
            lock (counts) return new Dictionary<string, long>(counts);
        }
    }
}
