using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using MlOps.Sdk.Data;
using MlOps.Sdk.Registry;
using NUnit.Framework;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>Numbers that no feature can hold are the caller's: they are no failures of the model, and open no circuit.</summary>
[TestFixture]
public sealed class NonFiniteTests
{
    private const string Path = $"/models/{SampleLifecycle.Name}/predict";
    private const string Infer = $"/v2/models/{SampleLifecycle.Name}/infer";
    private const string Huge = """{"age":41,"spend":1e308,"plan":"monthly","abroad":false}""";

    private TestApp _app = null!;
    private FailingModel _model = null!;

    [SetUp]
    public async Task Start()
    {
        _app = await TestApp.StartAsync(map: app =>
        {
            app.MapModels();
            app.MapOpenInference();
            app.MapMLflowScoring(SampleLifecycle.Name);
        });
        _model = await FailingModel.SwapAsync(_app.Workspace);
        _model.GivesNaN = true;
        await _app.Workspace.Traffic.SetFallbackAsync(
            SampleLifecycle.Name,
            ModelFallback.ToVersion(1) with
            {
                Circuit = new CircuitOptions
                {
                    MinimumThroughput = 2,
                    FailureRatio = 0.5,
                    SamplingDuration = TimeSpan.FromHours(1),
                    BreakDuration = TimeSpan.FromHours(1),
                },
            },
            "in case");
    }

    [TearDown]
    public async Task Stop()
    {
        _model.Dispose();
        await _app.DisposeAsync();
    }

    [Test]
    public async Task Numbers_ThatNoFeatureHolds_AreTheCallersInEveryForm()
    {
        HttpResponseMessage[] answers =
        [
            await _app.PostAsync(Path, Huge),
            await _app.PostAsync(Path, $"[{Rows.One.Replace("55.5", "-1e308", StringComparison.Ordinal)},{Rows.One}]"),
            await _app.PostAsync(Path, """{"columns":{"age":[41],"spend":[1e308],"plan":["monthly"],"abroad":[false]}}"""),
            await _app.PostAsync("/invocations", $$"""{"instances":[{{Huge}}]}"""),
            await ArrowAsync(1e308),
            await InferAsync("FP64", BitConverter.GetBytes(-1e308)),
        ];

        var lines = await _app.PostAsync(Path, $"{Huge}\n", "application/x-ndjson");

        foreach (var (i, answer) in answers.Index())
        {
            var text = await answer.Content.ReadAsStringAsync();
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.UnprocessableEntity), $"{i}: {text}");
            Assert.That(text, Does.Contain("spend"));
        }

        var counts = await CountsAsync();
        var answered = await lines.Content.ReadAsStringAsync();
        Assert.Multiple(() =>
        {
            Assert.That(answered, Does.Contain("spend").And.Contain("errors"));
            Assert.That(_app.Workspace.SlotOf(SampleLifecycle.Name).Current!.IsCircuitOpen, Is.False);
            Assert.That((counts.Failed, counts.Refused), Is.EqualTo((0L, answers.Length + 2L)));
            Assert.That(_app.Log.Where(line => line.StartsWith("10100", StringComparison.Ordinal)), Is.Empty);
        });
    }

    [Test]
    public async Task Infinity_IsTheMistakeOfItsRowInEveryForm()
    {
        // The model would answer it.
        _model.GivesNaN = false;
        double[] bad = [double.PositiveInfinity, double.NegativeInfinity];
        foreach (var number in bad)
        {
            HttpResponseMessage[] answers =
            [
                await _app.PostAsync(Path, Huge.Replace("1e308", number > 0 ? "1e400" : "-1e400", StringComparison.Ordinal)),
                await ArrowAsync(number),
                await InferAsync("FP64", BitConverter.GetBytes(number)),
                await InferAsync("FP32", BitConverter.GetBytes((float)number)),
                await InferAsync("FP16", BitConverter.GetBytes((Half)number)),
            ];
            foreach (var (i, answer) in answers.Index())
            {
                var problem = await TestApp.ReadAsync(answer, HttpStatusCode.UnprocessableEntity);
                var error = problem.GetProperty("errors").EnumerateArray().Single();
                Assert.That(
                    (error.GetProperty("row").GetInt32(), error.GetProperty("column").GetString()), Is.EqualTo((0, "spend")), $"{i}");
            }
        }

        using var missing = await ArrowAsync(double.NaN);
        using var none = await InferAsync("FP16", BitConverter.GetBytes(Half.NaN));
        Assert.That((missing.StatusCode, none.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.OK)));
        Assert.That(_model.Calls, Is.EqualTo(2), "the rows with infinity reach no model");
    }

    [Test]
    public async Task Numbers_ThatFeaturesHold_AreAFailureOfTheModel()
    {
        for (var i = 0; i < 3; i++)
        {
            var answer = await _app.PredictAsync(Rows.One);
            Assert.That(answer.GetProperty("arm").GetString(), Is.EqualTo("fallback"));
        }

        Assert.That(_app.Workspace.SlotOf(SampleLifecycle.Name).Current!.IsCircuitOpen, Is.True);
    }

    private async Task<CallTotals> CountsAsync()
    {
        var counts = await _app.Workspace.Calls.ReadAsync(SampleLifecycle.Name, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, default);
        return new CallTotals(counts[2].Failed, counts[2].Refused);
    }

    private async Task<HttpResponseMessage> InferAsync(string type, byte[] spend)
    {
        var head = "{\"inputs\":[{\"name\":\"age\",\"shape\":[1],\"datatype\":\"INT64\",\"data\":[41]}," +
            "{\"name\":\"spend\",\"shape\":[1],\"datatype\":\"" + type + "\",\"parameters\":{\"binary_data_size\":" +
            spend.Length.ToString(CultureInfo.InvariantCulture) + "}}," +
            "{\"name\":\"plan\",\"shape\":[1],\"datatype\":\"BYTES\",\"data\":[\"monthly\"]}," +
            "{\"name\":\"abroad\",\"shape\":[1],\"datatype\":\"BOOL\",\"data\":[false]}]}";
        using var content = new ByteArrayContent([.. Encoding.UTF8.GetBytes(head), .. spend]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        content.Headers.Add("Inference-Header-Content-Length", head.Length.ToString(CultureInfo.InvariantCulture));
        return await _app.Client.PostAsync(Infer, content);
    }

    private async Task<HttpResponseMessage> ArrowAsync(double spend)
    {
        var builder = new RecordBatchBuilder(new Schema(
            new Field("age", ColumnType.Integer),
            new Field("spend", ColumnType.Number),
            new Field("plan", ColumnType.Text),
            new Field("abroad", ColumnType.Boolean)));
        ((IntegerColumnBuilder)builder[0]).Append(41);
        ((NumberColumnBuilder)builder[1]).Append(spend);
        ((TextColumnBuilder)builder[2]).Append("monthly");
        ((BooleanColumnBuilder)builder[3]).Append(false);
        var batch = builder.Build();
        using var content = await Rows.ArrowAsync(batch);
        return await _app.Client.PostAsync(Path, content);
    }

    private readonly record struct CallTotals(long Failed, long Refused);
}
