using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Apache.Arrow.Ipc;
using MlOps.Sdk.Data;
using NUnit.Framework;
using Peer = Apache.Arrow;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>The same rows by every route and in every form.</summary>
internal static class EveryRoute
{
    /// <summary>How many forms there are.</summary>
    public const int Count = 7;

    private const string Path = $"/models/{SampleLifecycle.Name}/predict";

    /// <summary>What a row was answered with. MLflow's answers have no arm, and labels alone.</summary>
    public sealed record Answer(string Form, string? Arm, int Version, double? Score, string? Label);

    public static async Task<IReadOnlyList<Answer>> AskAsync(TestApp app, UnlabelledSubscriber[] rows) =>
    [
        .. await JsonAsync(app, "one", Rows.ToJson(rows[0])),
        .. await JsonAsync(app, "rows", Rows.ToJson(rows)),
        .. await JsonAsync(app, "columns", Rows.ToJson(new { columns = Columns(rows) })),
        .. await LinesAsync(app, rows),
        .. await ArrowAsync(app, rows),
        .. await InferAsync(app, $"/v2/models/{SampleLifecycle.Name}/infer", rows),
        .. await InvocationsAsync(app, rows),
    ];

    public static async Task<IReadOnlyList<Answer>> JsonAsync(TestApp app, string form, string body)
    {
        var answer = await app.PredictAsync(body);
        var (arm, version) = (answer.GetProperty("arm").GetString(), answer.GetProperty("version").GetInt32());
        return [.. answer.GetProperty("predictions").EnumerateArray().Select(row => Of(form, row, arm, version))];
    }

    public static async Task<IReadOnlyList<Answer>> LinesAsync(TestApp app, UnlabelledSubscriber[] rows)
    {
        using var answer = await app.PostAsync(Path, string.Join('\n', rows.Select(Rows.ToJson)), "application/x-ndjson");
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), text);
        return
        [
            .. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonDocument.Parse(line).RootElement)
                .Select(line => Of("lines", line, line.GetProperty("arm").GetString(), line.GetProperty("version").GetInt32())),
        ];
    }

    public static async Task<IReadOnlyList<Answer>> InferAsync(TestApp app, string path, UnlabelledSubscriber[] rows)
    {
        var inputs = new[]
        {
            Tensor("age", "INT64", rows.Select(row => (object)row.Age)),
            Tensor("spend", "FP64", rows.Select(row => (object)row.Spend!)),
            Tensor("plan", "BYTES", rows.Select(row => (object)row.Plan)),
            Tensor("abroad", "BOOL", rows.Select(row => (object)row.Abroad)),
        };
        using var sent = await app.PostAsync(path, Rows.ToJson(new { inputs }));
        var answer = await TestApp.ReadAsync(sent, HttpStatusCode.OK);
        var arm = answer.GetProperty("parameters").GetProperty("arm").GetString();
        var outputs = answer.GetProperty("outputs").EnumerateArray()
            .ToDictionary(output => output.GetProperty("name").GetString()!, output => output.GetProperty("data"));
        return
        [
            .. outputs["score"].EnumerateArray().Zip(
                outputs["label"].EnumerateArray(),
                (score, label) => new Answer("infer", arm, VersionOf(answer), score.GetDouble(), label.GetString())),
        ];

        object Tensor(string name, string datatype, IEnumerable<object> data) =>
            new { name, shape = new[] { rows.Length }, datatype, data };
    }

    private static async Task<IReadOnlyList<Answer>> InvocationsAsync(TestApp app, UnlabelledSubscriber[] rows)
    {
        using var sent = await app.PostAsync("/invocations", Rows.ToJson(new { instances = rows }));
        var answer = await TestApp.ReadAsync(sent, HttpStatusCode.OK);
        return
        [
            .. answer.GetProperty("predictions").EnumerateArray()
                .Select(label => new Answer("invocations", null, VersionOf(answer), null, label.GetString())),
        ];
    }

    private static async Task<IReadOnlyList<Answer>> ArrowAsync(TestApp app, UnlabelledSubscriber[] rows)
    {
        var builder = new RecordBatchBuilder(new Schema(
            new Field("age", ColumnType.Integer),
            new Field("spend", ColumnType.Number),
            new Field("plan", ColumnType.Text),
            new Field("abroad", ColumnType.Boolean)));
        foreach (var row in rows)
        {
            ((IntegerColumnBuilder)builder[0]).Append(row.Age);
            if (row.Spend is { } spend) ((NumberColumnBuilder)builder[1]).Append(spend);
            else builder[1].AppendNull();
            ((TextColumnBuilder)builder[2]).Append(row.Plan);
            ((BooleanColumnBuilder)builder[3]).Append(row.Abroad);
        }

        var batch = builder.Build();
        using var content = await Rows.ArrowAsync(batch);
        using var sent = await app.Client.PostAsync(Path, content);
        Assert.That(sent.StatusCode, Is.EqualTo(HttpStatusCode.OK), await sent.Content.ReadAsStringAsync());
        using var reader = new ArrowStreamReader(await sent.Content.ReadAsStreamAsync());
        using var answer = await reader.ReadNextRecordBatchAsync();
        return
        [
            .. Enumerable.Range(0, answer.Length).Select(i => new Answer(
                "arrow",
                TextOf(answer.Column("arm"), i),
                (int)((Peer.Int64Array)answer.Column("model_version")).GetValue(i)!,
                ((Peer.DoubleArray)answer.Column("score")).GetValue(i),
                TextOf(answer.Column("decision"), i))),
        ];
    }

    private static object Columns(UnlabelledSubscriber[] rows) => new
    {
        age = rows.Select(row => row.Age),
        spend = rows.Select(row => row.Spend),
        plan = rows.Select(row => row.Plan),
        abroad = rows.Select(row => row.Abroad),
    };

    private static Answer Of(string form, JsonElement row, string? arm, int version) =>
        new(form, arm, version, row.GetProperty("score").GetDouble(), row.GetProperty("label").GetString());

    private static int VersionOf(JsonElement answer) =>
        int.Parse(answer.GetProperty("model_version").GetString()!, CultureInfo.InvariantCulture);

    private static string? TextOf(Peer.IArrowArray column, int row) => column is Peer.DictionaryArray dictionary
        ? ((Peer.StringArray)dictionary.Dictionary).GetString(((Peer.Int32Array)dictionary.Indices).GetValue(row)!.Value)
        : ((Peer.StringArray)column).GetString(row);
}
