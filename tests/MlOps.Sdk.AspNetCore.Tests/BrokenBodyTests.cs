using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>Bodies that do not follow HTTP or are rejected while they arrive have an answer, and no error in the log.</summary>
[TestFixture]
public sealed class BrokenBodyTests
{
    private const string Model = $"/models/{SampleLifecycle.Name}";

    private TestApp _app = null!;

    [OneTimeSetUp]
    public async Task Start() => _app = await TestApp.StartAsync(
        options => (options.AdminPolicy, options.RequestBytes, options.BufferedBytes) = ("release", 64 * 1024, 256 * 1024),
        map: app =>
        {
            app.MapModels();
            app.MapOpenInference();
            app.MapMLflowScoring(SampleLifecycle.Name);
        });

    [OneTimeTearDown]
    public ValueTask Stop() => _app.DisposeAsync();

    [TestCase($"{Model}/predict", "application/json", "ffffffffffffffff\r\n{}")]
    [TestCase($"{Model}/predict", "application/json", "zz\r\n{}")]
    [TestCase($"{Model}/predict", "application/json", "2\r\n{}xx")]
    [TestCase($"{Model}/predict", "application/x-ndjson", "ffffffffffffffff\r\n{}")]
    [TestCase($"{Model}/predict", "application/x-ndjson", "zz\r\n{}")]
    [TestCase($"{Model}/predict", "application/vnd.apache.arrow.stream", "ffffffffffffffff\r\n{}")]
    [TestCase($"{Model}/labels", "application/json", "ffffffffffffffff\r\n{}")]
    [TestCase($"{Model}/stop", "application/json", "ffffffffffffffff\r\n{}")]
    [TestCase($"/v2{Model}/infer", "application/json", "ffffffffffffffff\r\n{}")]
    [TestCase("/invocations", "application/json", "ffffffffffffffff\r\n{}")]
    public async Task Chunks_Malformed_Are400(string path, string type, string chunks)
    {
        using var raw = await RawConnection.OpenAsync(_app.Address);
        await raw.SendAsync(Head(path, type) + chunks);

        var answer = await raw.ReadUntilAsync("never said");

        Assert.That(answer, Does.StartWith("HTTP/1.1 400").And.Contains("does not follow HTTP"));
        RequireNoError();
        await _app.RequireAliveAsync();
    }

    [Test]
    public async Task Chunks_MalformedAfterAnAnsweredLine_EndTheStreamWithAnError()
    {
        using var raw = await RawConnection.OpenAsync(_app.Address);
        await raw.SendAsync($"{Head($"{Model}/predict", "application/x-ndjson")}{Rows.One.Length + 1:x}\r\n{Rows.One}\n\r\n");
        var first = await raw.ReadUntilAsync("\"arm\":\"live\"}");
        await raw.SendAsync("ffffffffffffffff\r\n{}");

        Assert.That(first, Does.StartWith("HTTP/1.1 200"));
        Assert.That(await raw.ReadUntilAsync("never said"), Does.Contain("\"status\":400"));
        RequireNoError();
    }

    [TestCase("application/json")]
    [TestCase("application/x-ndjson")]
    public async Task Body_ThatHasNoMemory_IsRejectedWithoutAnErrorInTheLog(string type)
    {
        var bodies = _app.App.Services.GetRequiredService<ModelServer>().Bodies;
        Assert.That(() => bodies.Taken, Is.Zero.After(10_000, 10));
        bodies.Take(256 * 1024 - 100);
        using var raw = await RawConnection.OpenAsync(_app.Address);
        await raw.SendAsync($"{Head($"{Model}/predict", type)}400\r\n{new string(' ', 1024)}\r\n0\r\n\r\n");

        var answer = await raw.ReadUntilAsync("never said");
        bodies.Give(256 * 1024 - 100);

        Assert.That(answer, Does.StartWith("HTTP/1.1 429"));
        RequireNoError();
    }

    [TestCase("application/json")]
    [TestCase("application/x-ndjson")]
    public async Task Body_LargerThanTheLimit_IsRejectedWithoutAnErrorInTheLog(string type)
    {
        using var raw = await RawConnection.OpenAsync(_app.Address);
        await raw.SendAsync($"{Head($"{Model}/predict", type)}11000\r\n{new string('x', 0x11000)}\r\n0\r\n\r\n");

        Assert.That(await raw.ReadUntilAsync("never said"), Does.StartWith("HTTP/1.1 413"));
        RequireNoError();
    }

    private static string Head(string path, string type) =>
        $"POST {path} HTTP/1.1\r\nHost: x\r\nX-User: admin-eve\r\nContent-Type: {type}\r\nTransfer-Encoding: chunked\r\n\r\n";

    private void RequireNoError() =>
        Assert.That(_app.Log.Where(line => line.StartsWith("10100", StringComparison.Ordinal)
            || !line.StartsWith("101", StringComparison.Ordinal)), Is.Empty);
}
