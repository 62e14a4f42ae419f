using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Apache.Arrow.Ipc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Data;
using NUnit.Framework;
using Peer = Apache.Arrow;

namespace MlOps.Sdk.AspNetCore.Tests;

[TestFixture]
public sealed class StreamTests
{
    private const string Path = $"/models/{SampleLifecycle.Name}/predict";

    private TestApp _app = null!;

    [OneTimeSetUp]
    public async Task Start() => _app = await TestApp.StartAsync(options => options.RequestBytes = 64 * 1024);

    [OneTimeTearDown]
    public ValueTask Stop() => _app.DisposeAsync();

    [Test]
    public async Task Lines_MoreThanARequestMayHave_AreAnsweredInOrderToTheLastBit()
    {
        // As many as fit into the buffers of the connection: HttpClient reads nothing of an answer before it has sent the whole body.
        var rows = Rows.Draw(5_000);
        var endpoint = _app.Workspace.Endpoint<UnlabelledSubscriber, double>(SampleLifecycle.Name);
        var body = string.Concat(rows.Select(row => Rows.ToJson(row) + "\n"));
        Assert.That(body, Has.Length.GreaterThan(2 * 64 * 1024));

        using var answer = await _app.PostAsync(Path, body, "application/x-ndjson");

        var lines = await LinesAsync(answer);
        Assert.Multiple(() =>
        {
            Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/x-ndjson"));
            Assert.That(lines.Select(line => line.GetProperty("line").GetInt32()), Is.EqualTo(Enumerable.Range(1, rows.Length)));
            Assert.That(
                lines.Select(line => BitConverter.DoubleToInt64Bits(line.GetProperty("score").GetDouble())),
                Is.EqualTo(rows.Select(row => BitConverter.DoubleToInt64Bits(endpoint.Predict(row).Value))));
            Assert.That(lines.Select(line => line.GetProperty("id").GetString()), Is.Unique);
            Assert.That(lines.Select(line => line.GetProperty("version").GetInt32()), Has.All.EqualTo(2));
        });
    }

    [Test]
    public async Task Lines_SomeWithMistakes_AreNamedByTheirNumberAndTheOthersAnswered()
    {
        var body = $"{Rows.One}\r\n\n{{\"age\":\"x\",\n7\n{{\"age\":\"x\",\"spend\":1,\"plan\":2,\"abroad\":true}}\n"
            + $"{Rows.One}{Rows.One}\n  \n{Rows.One}";

        using var answer = await _app.PostAsync(Path, body, "application/x-ndjson");

        var lines = await LinesAsync(answer);
        Assert.That(
            lines.Select(
                line => $"{line.GetProperty("line")} {(line.TryGetProperty("errors", out var errors) ? errors.GetArrayLength() : 0)}"),
            Is.EqualTo(new[] { "1 0", "3 2", "4 1", "5 2", "6 1", "8 0" }));
    }

    [Test]
    public async Task Lines_SentOneByOne_AreAnsweredOneByOne()
    {
        using var raw = await RawConnection.OpenAsync(_app.Address);
        await raw.SendAsync(
            $"POST {Path} HTTP/1.1\r\nHost: x\r\nX-User: ann\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (var i = 1; i <= 3; i++)
        {
            await raw.SendAsync($"{Rows.One.Length + 1:x}\r\n{Rows.One}\n\r\n");
            Assert.That(await raw.ReadUntilAsync("\"arm\":\"live\"}"), Does.Contain($"{{\"line\":{i},"));
        }

        await raw.SendAsync("0\r\n\r\n");
        Assert.That(await raw.ReadUntilAsync("0\r\n\r\n"), Is.Not.Empty);
    }

    [Test]
    public async Task Lines_StreamPausesAfterItsAnswers_TakesNoMemoryMeanwhile()
    {
        await using var app = await TestApp.StartAsync();
        var bodies = app.App.Services.GetRequiredService<ModelServer>().Bodies;
        using var raw = await RawConnection.OpenAsync(app.Address);
        await raw.SendAsync(
            $"POST {Path} HTTP/1.1\r\nHost: x\r\nX-User: ann\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n");

        // A line in many pieces, and the beginning of the next.
        foreach (var c in Rows.One) await raw.SendAsync($"1\r\n{c}\r\n");
        await raw.SendAsync("4\r\n\n   \r\n");
        Assert.That(await raw.ReadUntilAsync("\"arm\":\"live\"}"), Does.Contain("{\"line\":1,"));

        Assert.That(() => bodies.Taken, Is.LessThanOrEqualTo(3).After(10_000, 10));
        await raw.SendAsync("0\r\n\r\n");
        Assert.That(await raw.ReadUntilAsync("0\r\n\r\n"), Is.Not.Empty);
    }

    [Test]
    public async Task Lines_OneLongerThanTheLimit_EndTheStreamWithAnError()
    {
        using var answer = await _app.PostAsync(Path, $"{Rows.One}\n\"{new string('x', 70_000)}\"\n{Rows.One}\n", "application/x-ndjson");

        if (answer.StatusCode == HttpStatusCode.RequestEntityTooLarge) return;
        var lines = await LinesAsync(answer);
        Assert.That(lines[^1].GetProperty("error").GetProperty("status").GetInt32(), Is.EqualTo(413));
        await _app.RequireAliveAsync();
    }

    [Test]
    public async Task Lines_TheNextDoesNotCome_EndWithAnError()
    {
        await using var app = await TestApp.StartAsync(options => options.RequestTimeout = TimeSpan.FromMilliseconds(200));
        using var raw = await RawConnection.OpenAsync(app.Address);
        await raw.SendAsync(
            $"POST {Path} HTTP/1.1\r\nHost: x\r\nX-User: ann\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
            + $"{Rows.One.Length + 1:x}\r\n{Rows.One}\n\r\n");

        Assert.That(await raw.ReadUntilAsync("\"status\":408"), Does.Contain("\"line\":1,"));
    }

    [Test]
    public async Task Lines_OneThatTrickles_EndWithAnErrorAfterItsTime()
    {
        await using var app = await TestApp.StartAsync(options => options.RequestTimeout = TimeSpan.FromMilliseconds(200));
        using var raw = await RawConnection.OpenAsync(app.Address);
        await raw.SendAsync(
            $"POST {Path} HTTP/1.1\r\nHost: x\r\nX-User: ann\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
            + $"{Rows.One.Length + 1:x}\r\n{Rows.One}\n\r\n");
        var answer = raw.ReadUntilAsync("\"status\":408");
        try
        {
            while (!answer.IsCompleted) await raw.SendAsync("1\r\n \r\n");
        }
        catch (IOException)
        {
            // The server has closed the connection.
        }

        Assert.That(await answer, Does.Contain("\"status\":408"));
    }

    [Test]
    public async Task Lines_OfASlowCaller_HaveNoLeastRateAndOthersKeepTheirs()
    {
        var rates = new ConcurrentQueue<MinDataRate?>();
        await using var app = await TestApp.StartAsync(map: app =>
        {
            app.Use(async (context, next) =>
            {
                await next(context);
                rates.Enqueue(context.Features.Get<IHttpMinRequestBodyDataRateFeature>()!.MinDataRate);
            });
            app.MapModels();
        });

        using var rows = await app.PostAsync(Path, Rows.One);
        using var lines = await app.PostAsync(Path, Rows.One, "application/x-ndjson");
        await LinesAsync(lines);

        Assert.That(() => rates.Select(rate => rate is null), Is.EqualTo(new[] { false, true }).After(10_000, 10));
    }

    [Test]
    public async Task Lines_OneWithTenThousandMistakes_KeepsNoOtherFromItsAnswer()
    {
        await using var app = await TestApp.StartAsync();
        var repeated = "{" + string.Join(',', Enumerable.Repeat("\"age\":1", 10_002)) + "}";

        using var answer = await app.PostAsync(Path, $"{Rows.One}\n{repeated}\n{Rows.One}\n", "application/x-ndjson");

        var lines = await LinesAsync(answer);
        Assert.Multiple(() =>
        {
            Assert.That(lines.Select(line => line.TryGetProperty("score", out _)), Is.EqualTo(new[] { true, false, true }));
            Assert.That(lines[1].GetProperty("errors").GetArrayLength(), Is.EqualTo(100));
            Assert.That(lines[1].GetProperty("errors")[0].TryGetProperty("row", out _), Is.False, "the line says where it is");
        });
    }

    [Test]
    public async Task Lines_TheCallerNamesAShorterTime_EndWithAnErrorAfterIt()
    {
        using var raw = await RawConnection.OpenAsync(_app.Address);
        await raw.SendAsync(
            $"POST {Path} HTTP/1.1\r\nHost: x\r\nX-User: ann\r\nContent-Type: application/x-ndjson\r\nX-Request-Timeout-Ms: 300\r\n"
            + $"Transfer-Encoding: chunked\r\n\r\n{Rows.One.Length + 1:x}\r\n{Rows.One}\n\r\n");

        Assert.That(await raw.ReadUntilAsync("\"status\":408"), Does.Contain("\"line\":1,").And.Contain("\"status\":408"));
    }

    [Test]
    public async Task Lines_EndedByARejection_AreCountedAndLoggedLikeAnyRequest()
    {
        await using var app = await TestApp.StartAsync(
            options => options.RequestBytes = 64 * 1024,
            services: services => services.AddLogging(logging => logging.AddFilter("MlOps.Sdk.Http", LogLevel.Debug)));
        var counts = new ConcurrentQueue<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, of) =>
            {
                if (instrument.Name is "mlops.http.rejected" or "mlops.http.requests") of.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => counts.Enqueue(
            $"{instrument.Name} " +
            string.Join(' ', tags.ToArray().Select(tag => Convert.ToString(tag.Value, CultureInfo.InvariantCulture)))));
        listener.Start();
        using var raw = await RawConnection.OpenAsync(app.Address);
        await raw.SendAsync(
            $"POST {Path} HTTP/1.1\r\nHost: x\r\nX-User: ann\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n"
            + $"\r\n{Rows.One.Length + 1:x}\r\n{Rows.One}\n\r\n");
        Assert.That(await raw.ReadUntilAsync("\"arm\":\"live\"}"), Does.StartWith("HTTP/1.1 200"));
        await raw.SendAsync($"11000\r\n{new string(' ', 0x11000)}\r\n0\r\n\r\n");
        Assert.That(await raw.ReadUntilAsync("0\r\n\r\n"), Does.Contain("\"status\":413"));

        Assert.That(
            () => counts, Is.EquivalentTo(new[] { "mlops.http.rejected size", "mlops.http.requests predict 413" }).After(10_000, 10));
        Assert.That(app.Log, Has.Exactly(1).StartsWith("10101").And.Exactly(1).Contains("413"));
    }

    [Test]
    public void Block_OfLongLines_IsFullByItsBytes()
    {
        var block = new LineBlock(
            _app.App.Services.GetRequiredService<ModelServer>(), _app.Workspace.SlotOf(SampleLifecycle.Name), key: null);

        block.Add(1, new byte[40 * 1024]);
        var before = block.IsFull;
        block.Add(2, new byte[40 * 1024]);

        Assert.That((before, block.IsFull), Is.EqualTo((false, true)));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Arrow_OfAnotherLibrary_IsAnsweredInKindToTheLastBit(bool isStream)
    {
        var rows = Rows.Draw(300);
        var endpoint = _app.Workspace.Endpoint<UnlabelledSubscriber, double>(SampleLifecycle.Name);
        var type = isStream ? "application/vnd.apache.arrow.stream" : "application/vnd.apache.arrow.file";
        using var content = new ByteArrayContent(await ArrowOfAsync(rows, isStream));
        content.Headers.ContentType = new MediaTypeHeaderValue(type);

        using var answer = await _app.Client.PostAsync(Path, content);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), await answer.Content.ReadAsStringAsync());
        Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo(type));
        var bytes = new MemoryStream(await answer.Content.ReadAsByteArrayAsync());
        using var reader = isStream ? new ArrowStreamReader(bytes) : new ArrowFileReader(bytes);
        using var batch = await reader.ReadNextRecordBatchAsync();
        Assert.Multiple(() =>
        {
            Assert.That(
                batch.Schema.FieldsList.Select(field => field.Name),
                Is.EqualTo(new[] { "prediction_id", "model_version", "arm", "score", "decision" }));
            Assert.That(
                ((Peer.DoubleArray)batch.Column(3)).Values.ToArray().Select(BitConverter.DoubleToInt64Bits),
                Is.EqualTo(rows.Select(row => BitConverter.DoubleToInt64Bits(endpoint.Predict(row).Value))));
        });
    }

    [Test]
    public async Task Arrow_TruncatedOrDamaged_IsRejectedAndTheServerGoesOn()
    {
        var whole = await ArrowOfAsync(Rows.Draw(20), isStream: true);
        for (var length = 0; length < whole.Length; length += LongForm.Of(1, 97))
        {
            await RequireNotFailedAsync(whole[..length]);
        }

        var random = new Random(3);
        for (var i = 0; i < LongForm.Of(20_000, 200); i++)
        {
            var damaged = whole.ToArray();
            for (var k = 0; k < 3; k++) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            await RequireNotFailedAsync(damaged);
        }

        await _app.RequireAliveAsync();

        async Task RequireNotFailedAsync(byte[] bytes)
        {
            using var content = new ByteArrayContent(bytes);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/vnd.apache.arrow.stream");
            using var answer = await _app.Client.PostAsync(Path, content);
            Assert.That((int)answer.StatusCode, Is.LessThan(500), await answer.Content.ReadAsStringAsync());
        }
    }

    [Test]
    public async Task Arrow_ColumnsMissingOrOfAnotherType_AreNamed()
    {
        var schema = new Schema(
            new Field("age", ColumnType.Text), new Field("spent", ColumnType.Number), new Field("plan", ColumnType.Text));
        using var bytes = new MemoryStream();
        var writer = new ArrowWriter(bytes, asStream: true);
        await writer.BeginAsync(schema);
        await writer.CompleteAsync();
        using var content = new ByteArrayContent(bytes.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/vnd.apache.arrow.stream");

        using var answer = await _app.Client.PostAsync(Path, content);

        var problem = await TestApp.ReadAsync(answer, HttpStatusCode.UnprocessableEntity);
        Assert.That(
            problem.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("column").GetString()),
            Is.EquivalentTo(new[] { "age", "spend", "abroad" }));
    }

    // In a dictionary a long text is there once, and the model reads it for each row.
    [TestCase(100, HttpStatusCode.OK)]
    [TestCase(1_000_000, HttpStatusCode.RequestEntityTooLarge)]
    public async Task Arrow_TextInADictionary_CountsForEachRow(int length, HttpStatusCode expected)
    {
        var (age, spend, plan, abroad) =
            (new IntegerColumnBuilder(), new NumberColumnBuilder(), new TextColumnBuilder(), new BooleanColumnBuilder());
        var text = new string('x', length);
        for (var i = 0; i < 10; i++)
        {
            age.Append(30);
            spend.Append(40);
            plan.Append(text);
            abroad.Append(true);
        }
        var schema = new Schema(
            new Field("age", ColumnType.Integer), new Field("spend", ColumnType.Number), new Field("plan", ColumnType.Text),
            new Field("abroad", ColumnType.Boolean));
        using var content = await Rows.ArrowAsync(
            new RecordBatch(schema, [age.Build(), spend.Build(), plan.Build(), abroad.Build()]));

        using var answer = await _app.Client.PostAsync(Path, content);

        Assert.That(content.Headers.ContentLength, Is.LessThan(4 << 20), "it would fit as a body");
        Assert.That(answer.StatusCode, Is.EqualTo(expected));
    }

    private static async Task<byte[]> ArrowOfAsync(UnlabelledSubscriber[] rows, bool isStream)
    {
        var schema = new Peer.Schema.Builder()
            .Field(field => field.Name("age").DataType(Peer.Types.Int64Type.Default))
            .Field(field => field.Name("spend").DataType(Peer.Types.DoubleType.Default).Nullable(true))
            .Field(field => field.Name("plan").DataType(Peer.Types.StringType.Default))
            .Field(field => field.Name("abroad").DataType(Peer.Types.BooleanType.Default))
            .Build();
        var (age, spend, plan, abroad) =
            (
                new Peer.Int64Array.Builder(),
                new Peer.DoubleArray.Builder(),
                new Peer.StringArray.Builder(),
                new Peer.BooleanArray.Builder());
        foreach (var row in rows)
        {
            age.Append(row.Age);
            if (row.Spend is { } value) spend.Append(value);
            else spend.AppendNull();
            plan.Append(row.Plan);
            abroad.Append(row.Abroad);
        }
        using var batch = new Peer.RecordBatch(schema, [age.Build(), spend.Build(), plan.Build(), abroad.Build()], rows.Length);
        using var bytes = new MemoryStream();
        using var writer = isStream ? new ArrowStreamWriter(bytes, schema) : new ArrowFileWriter(bytes, schema);
        await writer.WriteRecordBatchAsync(batch);
        await writer.WriteEndAsync();
        return bytes.ToArray();
    }

    private static async Task<JsonElement[]> LinesAsync(HttpResponseMessage answer)
    {
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), await answer.Content.ReadAsStringAsync());
        var text = await answer.Content.ReadAsStringAsync();
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
