using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>Answers take of the memory of bodies until their callers have taken them, and callers who do not are left.</summary>
[TestFixture]
public sealed class UnreadAnswerTests
{
    private const string Path = $"/models/{SampleLifecycle.Name}/predict";
    private const string Infer = $"/v2/models/{SampleLifecycle.Name}/infer";

    [TestCase("application/json")]
    [TestCase("application/x-ndjson")]
    public async Task Answer_ThatNobodyReads_EndsItsConnectionAndGivesItsMemoryBack(string type)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2027, 3, 1, 12, 0, 0, TimeSpan.Zero));
        HttpContext? begun = null;
        await using var app = await TestApp.StartAsync(
            options => options.BatchRows = 100_000,
            services: services => services.AddSingleton<TimeProvider>(time)
                .AddLogging(logging => logging.AddFilter("MlOps.Sdk.Http", LogLevel.Debug)),
            map: app =>
            {
                app.Use((context, next) =>
                {
                    begun ??= context;
                    return next(context);
                });
                app.MapModels();
            });
        var bodies = app.App.Services.GetRequiredService<ModelServer>().Bodies;
        using var raw = await RawConnection.OpenAsync(app.Address, receives: 2048);
        var separator = type == "application/json" ? "," : "\n";
        var rows = string.Join(separator, Enumerable.Repeat(Rows.One, 60_000));
        if (type == "application/json") rows = $"[{rows}]";
        var sent = raw.SendAsync(
            $"POST {Path} HTTP/1.1\r\nHost: x\r\nX-User: ann\r\nContent-Type: {type}\r\nContent-Length: {rows.Length}\r\n\r\n{rows}");

        // It waits for its caller, who does not come.
        Assert.That(() => begun?.Response.HasStarted, Is.True.After(30_000, 10));
        if (type == "application/json") Assert.That(bodies.Taken, Is.GreaterThan(4 << 20));
        var (before, steady) = (0L, 0);
        Assert.That(
            () =>
            {
                steady = bodies.Taken == before && before > 0 ? steady + 1 : 0;
                before = bodies.Taken;
                return steady;
            },
            Is.GreaterThan(20).After(30_000, 50));
        Assert.That(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return bodies.Taken == 0 && app.Log.Any(line => line.StartsWith("10104", StringComparison.Ordinal));
            },
            Is.True.After(30_000, 20));
        try
        {
            await sent;
        }
        catch (IOException)
        {
            // The server has ended the connection.
        }
        Assert.That(app.Log.Where(line => line.StartsWith("10104", StringComparison.Ordinal)), Has.Exactly(1).Contains("predict"));
        Assert.That(app.Log.Where(line => !line.StartsWith("101", StringComparison.Ordinal)), Is.Empty, "no error");
        await app.RequireAliveAsync();
    }

    [Test]
    public async Task Answer_OfManyPieces_ArrivesWhole()
    {
        await using var app = await TestApp.StartAsync();
        var answer = await app.PredictAsync($"[{string.Join(',', Enumerable.Repeat(Rows.One, 10_000))}]");

        Assert.That(answer.GetProperty("predictions").GetArrayLength(), Is.EqualTo(10_000));
        Assert.That(app.App.Services.GetRequiredService<ModelServer>().Bodies.Taken, Is.Zero);
    }

    [Test]
    public async Task Answer_WithoutRoom_Is429BeforeAnythingIsPredictedInEveryForm()
    {
        await using var app = await TestApp.StartAsync(
            options => (options.RequestBytes, options.BufferedBytes) = (64 * 1024, 256 * 1024),
            map: app =>
            {
                app.MapModels();
                app.MapOpenInference();
                app.MapMLflowScoring(SampleLifecycle.Name);
            });
        using var model = await FailingModel.SwapAsync(app.Workspace);
        var bodies = app.App.Services.GetRequiredService<ModelServer>().Bodies;
        const int rows = 400;
        var all = string.Join(',', Enumerable.Repeat(Rows.One, rows));
        var taken = 256 * 1024 - 70_000;
        bodies.Take(taken);

        HttpResponseMessage[] refused = [.. await AnswersAsync()];
        var (calls, left) = (model.Calls, bodies.Taken);
        bodies.Give(taken);
        HttpResponseMessage[] answered = [.. await AnswersAsync()];

        Assert.Multiple(() =>
        {
            Assert.That(refused.Select(answer => answer.StatusCode), Is.All.EqualTo(HttpStatusCode.TooManyRequests));
            Assert.That(refused.Select(answer => answer.Headers.RetryAfter), Is.All.Not.Null);
            Assert.That((calls, left), Is.EqualTo((0, taken)));
            Assert.That(answered.Select(answer => answer.StatusCode), Is.All.EqualTo(HttpStatusCode.OK));
            Assert.That(bodies.Taken, Is.Zero);
        });

        async Task<List<HttpResponseMessage>> AnswersAsync() =>
        [
            await app.PostAsync(Path, $"[{all}]"),
            await app.PostAsync("/invocations", $$"""{"instances":[{{all}}]}"""),
            await app.PostAsync(Infer, Tensors(rows)),
            await ArrowAsync(rows),
        ];

        async Task<HttpResponseMessage> ArrowAsync(int count)
        {
            var builder = new RecordBatchBuilder(new Schema(
                new Field("age", ColumnType.Integer),
                new Field("spend", ColumnType.Number),
                new Field("plan", ColumnType.Text),
                new Field("abroad", ColumnType.Boolean)));
            for (var i = 0; i < count; i++)
            {
                ((IntegerColumnBuilder)builder[0]).Append(41);
                ((NumberColumnBuilder)builder[1]).Append(55.5);
                ((TextColumnBuilder)builder[2]).Append("monthly");
                ((BooleanColumnBuilder)builder[3]).Append(false);
            }

            using var content = await Rows.ArrowAsync(builder.Build());
            return await app.Client.PostAsync(Path, content);
        }
    }

    private static string Tensors(int rows)
    {
        return "{\"inputs\":[" + string.Join(',', Tensor("age", "INT64", "41"), Tensor("spend", "FP64", "55.5"),
            Tensor("plan", "BYTES", "\"monthly\""), Tensor("abroad", "BOOL", "false")) + "]}";

        string Tensor(string name, string type, string value)
        {
            var data = string.Join(',', Enumerable.Repeat(value, rows));
            return FormattableString.Invariant(
                $$"""{"name":"{{name}}","shape":[{{rows}}],"datatype":"{{type}}","data":[{{data}}]}""");
        }
    }
}
