using System.IO.Compression;
using System.Text;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Collection;

public sealed class JsonLinesSourceTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task OpenAsync_EveryType_IsInferred()
    {
        var data = await ReadAsync("""
            {"i":1,"n":1.5,"mixed":1,"b":true,"at":"2024-01-01","t":"a","big":12345678901234567890,
            "code":"007","none":null,"list":[1, 2],"any":"x"}

            {"i":-2,"n":2e3,"mixed":2.5,"b":false,"at":"2024-01-02T03:04:05Z","t":"ä\n\u00e9","big":1,
            "code":"8","none":null,"list":[{"a":1}],"any":7.50}
            """.Replace(",\n", ",", StringComparison.Ordinal));

        Assert.That(data.Schema.Select(field => (field.Name, field.Type)), Is.EqualTo(new[]
        {
            ("i", ColumnType.Integer),
            ("n", ColumnType.Number),
            ("mixed", ColumnType.Number),
            ("b", ColumnType.Boolean),
            ("at", ColumnType.Timestamp),
            ("t", ColumnType.Text),
            ("big", ColumnType.Text),
            ("code", ColumnType.Text),
            ("none", ColumnType.Text),
            ("list", ColumnType.Text),
            ("any", ColumnType.Text),
        }));
        Assert.That(Row(data, 1), Is.EqualTo(
            new[] { "-2", "2000", "2.5", "false", "2024-01-02T03:04:05.0000000Z", "ä\né", "1", "8", null, "[{\"a\":1}]", "7.50" }));
        Assert.That(data["big"].GetText(0), Is.EqualTo("12345678901234567890"));
    }

    [Test]
    public async Task ReadAsync_NestedObjects_AreColumnsWithDottedNames()
    {
        var data = await ReadAsync("""
            {"id":1,"address":{"city":"Bern","geo":{"lat":46.9}},"gone":null,"empty":{}}
            {"address":null,"id":2,"gone":{"x":1},"empty":null}
            {"id":3,"address":{"geo":{"lat":1}},"address.city":"Rom"}
            """);

        Assert.That(data.Schema.Select(field => field.Name), Is.EqualTo(new[] { "id", "address.city", "address.geo.lat", "gone.x" }));
        Assert.That(
            Enumerable.Range(0, 3).Select(row => string.Join('|', Row(data, row))),
            Is.EqualTo(new[] { "1|Bern|46.9|", "2|||1", "3|Rom|1|" }));
    }

    [Test]
    public async Task ReadAsync_GivenSchema_DecidesColumnsAndTypes()
    {
        var data = await ReadAsync(
            """
            {"v":[1,-2.5,3e1],"j":{"a":[1]},"b.c":4,"x":"unread","at":"2024-01-01"}
            {"j":12.50,"b":{"c":5},"x":{"deep":[[]]},"at":"\u0032024-01-02"}
            {}
            """,
            json => json.Schema = new Schema(
                new Field("b.c", ColumnType.Number),
                new Field("v", ColumnType.Vector, 3),
                new Field("j", ColumnType.Text),
                new Field("at", ColumnType.Timestamp),
                new Field("nowhere", ColumnType.Integer)));

        Assert.That(Enumerable.Range(0, 3).Select(row => string.Join('|', Row(data, row))), Is.EqualTo(new[]
        {
            "4|[1 -2.5 30]|{\"a\":[1]}|2024-01-01T00:00:00.0000000Z|", "5||12.50|2024-01-02T00:00:00.0000000Z|", "||||",
        }));
    }

    [TestCase("{\"a\":1,\"a\":2}", "a", "occurs twice")]
    [TestCase("{\"o\":{\"a\":1},\"o\":{\"b\":2}}", "o", "occurs twice")]
    [TestCase("{\"o\":{\"a\":1},\"o.a\":2}", "o.a", "occurs twice")]
    [TestCase("{\"a\":1", null, "not valid JSON")]
    [TestCase("{\"a\":01}", null, "not valid JSON from byte 7")]
    [TestCase("{\"a\":1} {}", null, "not valid JSON")]
    [TestCase("{\"a\":1,}", null, "not valid JSON")]
    [TestCase("{\"a\":NaN}", null, "not valid JSON")]
    [TestCase("// nothing", null, "not valid JSON")]
    [TestCase("[{\"a\":1}]", null, "not a JSON object")]
    [TestCase("7", null, "not a JSON object")]
    [TestCase("{\"\":1}", null, "no name")]
    [TestCase("{\"\\udc00\":1}", null, "half of a surrogate pair")]
    public async Task OpenAsync_MalformedLine_SaysWhatAndWhere(string line, string? column, string problem)
    {
        var text = $"{{\"a\":1}}\n\n  \n{line}\n";

        var failure = await Assert.ThrowsAsync<MlOpsException>(() => ReadAsync(text));
        var (rows, malformed) = await ReadAsync(text, MalformedRows.Quarantine);
        var (lenient, _) = await ReadAsync(text, MalformedRows.Null);

        Assert.That(failure!.Problem, Does.Contain(problem));
        Assert.That((failure.DataSource, failure.Line, failure.Column), Is.EqualTo(("x.jsonl", 4L, column)));
        Assert.That(failure.Remedy, Is.Not.Null.And.Not.Empty);
        Assert.That(malformed.Single(), Is.EqualTo(new MalformedRow("x.jsonl", 4, column, failure.Problem, line)));
        Assert.That(rows, Is.EqualTo(lenient), "nothing of the line can be read");
        Assert.That(rows, Has.Count.EqualTo(1));
    }

    [TestCase("{\"a\":\"1\",\"t\":\"x\"}", "a")]
    [TestCase("{\"a\":1.5,\"t\":\"x\"}", "a")]
    [TestCase("{\"a\":12345678901234567890,\"t\":\"x\"}", "a")]
    [TestCase("{\"n\":1e999,\"t\":\"x\"}", "n")]
    [TestCase("{\"n\":true,\"t\":\"x\"}", "n")]
    [TestCase("{\"b\":1,\"t\":\"x\"}", "b")]
    [TestCase("{\"at\":\"yesterday\",\"t\":\"x\"}", "at")]
    [TestCase("{\"at\":1700000000,\"t\":\"x\"}", "at")]
    [TestCase("{\"v\":[1],\"t\":\"x\"}", "v")]
    [TestCase("{\"v\":[1,2,3],\"t\":\"x\"}", "v")]
    [TestCase("{\"v\":[1,\"2\"],\"t\":\"x\"}", "v")]
    [TestCase("{\"v\":[1,1e300],\"t\":\"x\"}", "v")]
    [TestCase("{\"v\":[],\"t\":\"x\"}", "v")]
    [TestCase("{\"v\":[1,null],\"t\":\"x\"}", "v")]
    [TestCase("{\"a\":{\"x\":1},\"t\":\"x\"}", "a")]
    public async Task ReadAsync_ValueOfAnotherTypeThanGiven_IsMalformed(string line, string column)
    {
        var schema = new Schema(
            new Field("t", ColumnType.Text),
            new Field("a", ColumnType.Integer),
            new Field("n", ColumnType.Number),
            new Field("b", ColumnType.Boolean),
            new Field("at", ColumnType.Timestamp),
            new Field("v", ColumnType.Vector, 2));

        var failure = await Assert.ThrowsAsync<MlOpsException>(() => ReadAsync(line + "\n", json => json.Schema = schema));
        var (rows, malformed) = await ReadAsync(line + "\n", MalformedRows.Null, schema);

        Assert.That((failure!.Line, failure.Column), Is.EqualTo((1L, column)));
        Assert.That(rows, Is.EqualTo(new[] { "x|||||" }));
        Assert.That((malformed.Single().Column, malformed.Single().IsKept), Is.EqualTo((column, true)));
        Assert.That((await ReadAsync(line + "\n{\"t\":\"y\"}\n", MalformedRows.Quarantine, schema)).Rows, Is.EqualTo(new[] { "y|||||" }));
    }

    [TestCase("{\"a\":1}")]
    [TestCase("{\"a\":\"x\"}")]
    public async Task ReadAsync_HalfOfASurrogatePair_IsNoText(string good)
    {
        const string Bad = """{"a":"\ud800","b":true}""";
        var text = $"{good}\n{Bad}\n";

        Assert.That(
            (await ReadAsync(text, MalformedRows.Quarantine)).Malformed.Single(),
            Is.EqualTo(new MalformedRow("x.jsonl", 2, "a", "A text has half of a surrogate pair.", Bad)));
        var (rows, malformed) = await ReadAsync(text, MalformedRows.Null);
        Assert.That((rows[1], malformed.Single().IsKept), Is.EqualTo(("|true", true)));
    }

    [TestCase(63, true)]
    [TestCase(64, false)]
    public async Task ReadAsync_DeepNesting_IsReadUpToTheLimit(int depth, bool isRead)
    {
        var text = $"{{\"a\":1,\"b\":{new string('[', depth)}{new string(']', depth)}}}\n";
        var (rows, _) = await ReadAsync("{\"a\":0}\n" + text, MalformedRows.Quarantine);

        Assert.That(rows, Has.Count.EqualTo(isRead ? 2 : 1));
        await Assert.ThatAsync(
            () => ReadAsync($"{string.Concat(Enumerable.Repeat("{\"a\":", 100_000))}\n"),
            Throws.TypeOf<MlOpsException>());
    }

    [Test]
    public async Task OpenAsync_KeysThatAreData_AreRefused()
    {
        var text = string.Concat(Enumerable.Range(0, 10_001).Select(i => $"{{\"k{i}\":1}}\n"));

        await Assert.ThatAsync(
            () => ReadAsync(text),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("more than 10000 different members"));
        Assert.That(
            (await ReadAsync(text, json => json.Schema = new Schema(new Field("k7", ColumnType.Integer)))).RowCount,
            Is.EqualTo(10_001));
    }

    [Test]
    public async Task OpenAsync_EmptyObjectsUnderManyKeys_AreRefused() => await Assert.ThatAsync(
        () => ReadAsync(string.Concat(Enumerable.Range(0, 10_001).Select(i => $"{{\"k{i}\":{{}}}}\n"))),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("more than 10000 different members"));

    [Test]
    public async Task ReadAsync_SomeColumns_DoesNotLookIntoTheOthers()
    {
        var path = _folder.Write("x.jsonl", "{\"a\":1,\"b\":{\"c\":\"\\ud800\"},\"n\":1e999}\n");
        await using var scan = await DataSources.JsonLines(path, json => json.Schema = new Schema(
            new Field("a", ColumnType.Integer), new Field("b.c", ColumnType.Text), new Field("n", ColumnType.Number)))
            .OpenAsync(new ReadRequest { Columns = ["a"] });

        Assert.That((await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync()))["a"].GetText(0), Is.EqualTo("1"));
    }

    [Test]
    public async Task ReadAsync_LinesThatCrossTheReadBuffer_AreWhole()
    {
        var text = new StringBuilder("\uFEFF");
        for (var i = 0; i < 3_000; i++)
        {
            text.Append(FormattableString.Invariant($"{{\"id\":{i},\"t\":\"{new string('é', i % 400)}\"}}{(i % 2 == 0 ? "\r\n" : "\n")}"));
        }
        text.Append(FormattableString.Invariant($"{{\"id\":3000,\"t\":\"{new string('x', 300_000)}\"}}"));

        var data = await ReadAsync(text.ToString());

        Assert.That(data.RowCount, Is.EqualTo(3_001));
        for (var i = 0; i < 3_000; i++)
        {
            Assert.That((data["id"].GetNumber(i), data["t"].GetText(i)), Is.EqualTo(((double)i, new string('é', i % 400))));
        }
        Assert.That(data["t"].GetText(3_000), Has.Length.EqualTo(300_000));
    }

    [Test]
    public async Task ReadAsync_GzipAndUtf16_AreRead()
    {
        var to = new MemoryStream();
        using (var gzip = new GZipStream(to, CompressionLevel.Fastest))
        {
            gzip.Write([.. Encoding.BigEndianUnicode.GetPreamble(), .. Encoding.BigEndianUnicode.GetBytes("{\"ä\":\"ö\"}\n")]);
        }

        var data = await DataSources.JsonLines(_folder.Write("x.jsonl.gz", to.ToArray())).ReadAllAsync();

        Assert.That((data.Schema[0].Name, data["ä"].GetText(0)), Is.EqualTo(("ä", "ö")));
    }

    [Test]
    public async Task OpenAsync_InvalidUtf8_IsKeptAside()
    {
        byte[] bytes = [.. "{\"a\":\"x\"}\n{\"a\":\""u8, 0xFF, .. "\"}\n"u8];
        await using var scan = await DataSources.JsonLines(_folder.Write("x.jsonl", bytes))
            .OpenAsync(new ReadRequest { Malformed = MalformedRows.Quarantine });

        Assert.That((await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync())).RowCount, Is.EqualTo(1));
        Assert.That(scan.TakeMalformed().Single().Reason, Does.Contain("UTF-8"));
    }

    [Test]
    public async Task OpenAsync_AfterAWatermark_GivesWhatWasAppended()
    {
        const string First = "{\"a\":1}\n{\"a\":2}";
        await using var before = await DataSources.JsonLines(_folder.Write("x.jsonl", First)).OpenAsync(ReadRequest.All);
        var after = new ReadRequest { After = before.Watermark };

        await using var scan = await DataSources.JsonLines(_folder.Write("x.jsonl", First + "\n\n{\"a\":3}\n")).OpenAsync(after);

        Assert.That((await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync()))["a"].GetText(0), Is.EqualTo("3"));
        var changed = DataSources.JsonLines(_folder.Write("x.jsonl", First + " \n{\"a\":3}\n"));
        await Assert.ThatAsync(
            async () => await changed.OpenAsync(after),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("has changed"));
    }

    [TestCase("")]
    [TestCase("\n  \n")]
    public async Task OpenAsync_NoObject_IsRefused(string text) =>
        await Assert.ThatAsync(() => ReadAsync(text), Throws.TypeOf<MlOpsException>().With.Message.Contains("no rows"));

    [Test]
    public void JsonLines_EmptySchema_FailsAtTheCall() =>
        Assert.That(
            () => new CollectionBuilder().FromJsonLines("x.jsonl", json => json.Schema = new Schema()),
            Throws.TypeOf<MlOpsException>());

    private static string?[] Row(Dataset data, int row) => [.. data.Columns.Select(column => column.GetText(row))];

    [TestCase("\"NA\"", 1, "'NA' in line 2")]
    [TestCase("true", 2, "'true' in line 2 and 1 more")]
    [TestCase("\"NA\"", 41, "'NA' in line 2 and 40 more")]
    [TestCase("\"NA\"", 420, "'NA' in line 2 and 419 more")]
    public async Task OpenAsync_FewValuesAreNoNumbers_NotesThem(string stray, int count, string says)
    {
        var lines = Enumerable.Range(0, 41).Select(i => $$"""{"n":{{i}},"t":"x{{i}}"}""").ToList();
        for (var i = 0; i < count; i++) lines.Insert(1 + i, $$"""{"n":{{stray}},"t":"y"}""");
        await using var scan = await DataSources.JsonLines(_folder.Write("x.jsonl", string.Join('\n', lines))).OpenAsync(ReadRequest.All);

        Assert.That(scan.Schema["n"].Type, Is.EqualTo(ColumnType.Text));
        Assert.That(scan.Notes, Has.Count.EqualTo(1).And.One.Contains($"'n' is text because of {says}"));
    }

    [Test]
    public async Task OpenAsync_MemberOfTheSchemaThatNoLineHas_IsNoted()
    {
        var schema = new Schema(new Field("a.B", ColumnType.Integer), new Field("c", ColumnType.Text), new Field("a.d", ColumnType.Text));
        await using var scan = await DataSources.JsonLines(_folder.Write("x.jsonl", "{\"a\":{\"b\":1,\"d\":null}}\n{\"c\":null}"), json =>
            json.Schema = schema)
            .OpenAsync(ReadRequest.All);

        Assert.That(scan.Notes.Single(), Does.Contain("no line has the member 'a.B'"));
    }

    private Task<Dataset> ReadAsync(string text, Action<JsonLinesOptions>? configure = null) =>
        DataSources.JsonLines(_folder.Write("x.jsonl", text), configure).ReadAllAsync();

    private async Task<(List<string> Rows, List<MalformedRow> Malformed)> ReadAsync(
        string text, MalformedRows treatment, Schema? schema = null)
    {
        await using var scan = await DataSources.JsonLines(_folder.Write("x.jsonl", text), json => json.Schema = schema)
            .OpenAsync(new ReadRequest { Malformed = treatment });
        var data = await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync());
        return ([.. Enumerable.Range(0, data.RowCount).Select(row => string.Join('|', Row(data, row)))], [.. scan.TakeMalformed()]);
    }
}
