using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>An answer arrives whole, whatever its length is, and gives its memory back.</summary>
[TestFixture]
public sealed class AnswerSizeTests
{
    private const string Path = $"/models/{SampleLifecycle.Name}/predict";

    private TestApp _app = null!;

    private BodyMemory Bodies => _app.App.Services.GetRequiredService<ModelServer>().Bodies;

    [OneTimeSetUp]
    public async Task Start() => _app = await TestApp.StartAsync(map: app =>
    {
        app.MapModels();
        app.MapOpenInference();
        app.MapMLflowScoring(SampleLifecycle.Name);

        // A writer of JSON takes room ahead, so that the second piece may begin before the first is full.
        app.MapGet("/ahead/{bytes:int}/{hint:int}", (int bytes, int hint, HttpContext context) => ResponseBody.WriteAsync(
            context, 200, "text/plain", (bytes, hint), static (to, size) =>
            {
                for (var left = size.bytes; left > 0;)
                {
                    var count = Math.Min(left, 150);
                    to.GetSpan(size.hint)[..count].Fill((byte)'x');
                    to.Advance(count);
                    left -= count;
                }
            }));
    });

    [OneTimeTearDown]
    public ValueTask Stop() => _app.DisposeAsync();

    [Test]
    public async Task Answer_AroundTheFirstPiece_ArrivesWhole([Values(150, 1_000, 4_096)] int hint)
    {
        for (var bytes = 11_900; bytes <= 17_500; bytes += 50)
        {
            var text = await _app.Client.GetStringAsync($"/ahead/{bytes}/{hint}");
            Assert.That(text, Has.Length.EqualTo(bytes));
        }

        Assert.That(Bodies.Taken, Is.Zero);
    }

    [TestCase(Path, "[", "]", "predictions")]
    [TestCase("/invocations", """{"instances":[""", "]}", "predictions")]
    public async Task Predictions_AroundTheFirstPiece_ArriveWhole(string path, string before, string after, string member)
    {
        for (var rows = 40; rows <= 900; rows += rows is > 70 and < 130 ? 1 : 29)
        {
            using var answered = await _app.PostAsync(path, before + string.Join(',', Enumerable.Repeat(Rows.One, rows)) + after);
            var answer = await TestApp.ReadAsync(answered, HttpStatusCode.OK);
            Assert.That(answer.GetProperty(member).GetArrayLength(), Is.EqualTo(rows));
        }

        Assert.That(Bodies.Taken, Is.Zero);
    }

    [Test]
    public async Task Lines_AroundTheFirstPiece_ArriveWhole()
    {
        for (var rows = 40; rows <= 300; rows += rows is > 60 and < 140 ? 1 : 29)
        {
            using var answered = await _app.PostAsync(
                Path, string.Join('\n', Enumerable.Repeat(Rows.One, rows)), "application/x-ndjson");
            var lines = (await answered.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.That(lines.Count(line => JsonDocument.Parse(line).RootElement.TryGetProperty("score", out _)), Is.EqualTo(rows));
        }

        Assert.That(() => Bodies.Taken, Is.Zero.After(10_000, 20));
    }

    [Test]
    public async Task Problem_AroundTheFirstPiece_ArrivesWhole()
    {
        var text = new string('x', 100);
        for (var rows = 40; rows <= 100; rows++)
        {
            using var answered = await _app.PostAsync(
                Path, $"[{string.Join(',', Enumerable.Repeat($$"""{"age":41,"spend":"{{text}}","plan":"monthly","abroad":0}""", rows))}]");
            var problem = await TestApp.ReadAsync(answered, HttpStatusCode.UnprocessableEntity);
            Assert.That(problem.GetProperty("errors").GetArrayLength(), Is.EqualTo(Math.Min(100, rows)));
        }

        Assert.That(Bodies.Taken, Is.Zero);
    }

    [Test]
    public async Task Answer_ThatNeverFits_IsRejectedForGood()
    {
        await using var app = await TestApp.StartAsync(
            options => (options.RequestBytes, options.BufferedBytes) = (256 * 1024, 1024 * 1024));

        using var answered = await app.PostAsync(
            Path, $$$"""{"columns":{"age":[{{{Ones(8_000)}}}],"spend":[{{{Ones(8_000)}}}],"plan":[{{{Nulls}}}],"abroad":[{{{Nulls}}}]}}""");

        var problem = await TestApp.ReadAsync(answered, HttpStatusCode.RequestEntityTooLarge);
        Assert.That(problem.GetProperty("detail").GetString(), Does.Contain("Divide the request"));
        await app.RequireAliveAsync();
    }

    private static string Nulls { get; } = string.Join(',', Enumerable.Repeat("null", 8_000));

    private static string Ones(int count) => string.Join(',', Enumerable.Repeat('1', count));
}
