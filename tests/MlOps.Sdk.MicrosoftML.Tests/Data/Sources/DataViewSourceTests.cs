using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet.Tests;

[TestFixture]
public sealed class DataViewSourceTests
{
    private static readonly MLContext ML = new(1);

    [Test]
    public async Task ReadAllAsync_OfEveryTypeOfMLNet_TakesTheValuesOver()
    {
        var row = new WideRow
        {
            Single = 0.1f,
            Double = 0.1,
            SByte = -128,
            Int16 = short.MinValue,
            Int32 = int.MinValue,
            Int64 = long.MinValue,
            Byte = 255,
            UInt16 = ushort.MaxValue,
            UInt32 = uint.MaxValue,
            UInt64 = long.MaxValue,
            Flag = true,
            Text = "Grüße\0",
            Time = new DateTime(2024, 2, 29, 1, 2, 3, DateTimeKind.Unspecified),
            Offset = new DateTimeOffset(2024, 2, 29, 1, 2, 3, TimeSpan.FromHours(2)),
            Vector = [1.5f, float.NaN],
            Doubles = [0.1, 1e300],
            Bytes = [0, 255],
        };
        var source = DataSources.FromDataView(
            "wide", ML.Data.LoadFromEnumerable([row, new WideRow { Single = float.NaN, Double = double.NaN }]));

        var rows = await source.ReadAllAsync();

        Assert.That(
            rows.Schema.Select(field => (field.Name, field.Type, field.Length)),
            Is.EqualTo(new[]
            {
                ("Single", ColumnType.Number, 1), ("Double", ColumnType.Number, 1),
                ("SByte", ColumnType.Integer, 1), ("Int16", ColumnType.Integer, 1), ("Int32", ColumnType.Integer, 1),
                ("Int64", ColumnType.Integer, 1), ("Byte", ColumnType.Integer, 1), ("UInt16", ColumnType.Integer, 1),
                ("UInt32", ColumnType.Integer, 1), ("UInt64", ColumnType.Integer, 1),
                ("Flag", ColumnType.Boolean, 1), ("Text", ColumnType.Text, 1),
                ("Time", ColumnType.Timestamp, 1), ("Offset", ColumnType.Timestamp, 1),
                ("Vector", ColumnType.Vector, 2), ("Doubles", ColumnType.Vector, 2), ("Bytes", ColumnType.Vector, 2),
            }));
        Assert.That(
            rows.Columns.Select(column => column.GetText(0)),
            Is.EqualTo(new[]
            {
                "0.1", "0.1", "-128", "-32768", "-2147483648", "-9223372036854775808", "255", "65535", "4294967295",
                "9223372036854775807", "true", "Grüße\0", "2024-02-29T01:02:03.0000000Z", "2024-02-28T23:02:03.0000000Z",
                "[1.5 NaN]", "[0.1 Infinity]", "[0 255]",
            }));
        Assert.That(
            new[] { "Single", "Double", "Vector", "Doubles", "Bytes", "Text" }.Select(column => rows[column].GetText(1)),
            Is.EqualTo(new[] { null, null, null, null, null, "" }));
    }

    [Test]
    public async Task ReadAllAsync_OfAnIntegerThatIsTooLarge_NamesRowAndColumn()
    {
        var source = DataSources.FromDataView(
            "wide",
            ML.Data.LoadFromEnumerable([new WideRow(), new WideRow { UInt64 = ulong.MaxValue }, new WideRow()]),
            ["UInt64", "Int32"]);

        Assert.That(
            async () => await source.ReadAllAsync(),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("row 2").And.Message.Contains("18446744073709551615")
                .And.Message.Contains("'UInt64'"));

        var (quarantined, aside) = await ReadAsync(source, MalformedRows.Quarantine);
        var (kept, told) = await ReadAsync(source, MalformedRows.Null);
        Assert.That((quarantined.RowCount, kept.RowCount, kept["UInt64"].IsNull(1)), Is.EqualTo((2, 3, true)));
        Assert.That(aside.Concat(told).Select(row => (row.Source, row.Line, row.Column, row.IsKept)),
            Is.EqualTo(new[] { ("wide", 2L, "UInt64", false), ("wide", 2L, "UInt64", true) }));
    }

    [Test]
    public async Task ReadAllAsync_OfKeys_GivesTheirTexts()
    {
        string[] colors = ["red", "green", "blue", "red"];
        var view = ML.Data.LoadFromEnumerable(colors.Select(text => new WideRow { Text = text, Double = text.Length }));
        var training = ML.Data.TakeRows(view, 2);
        var keyed = ML.Transforms.Conversion.MapValueToKey("color", "Text")
            .Append(ML.Transforms.Conversion.MapValueToKey("length", "Double"))
            .Fit(training)
            .Transform(view);

        var rows = await DataSources.FromDataView("keys", keyed, ["color", "length"]).ReadAllAsync();

        // Blue was not there when the keys were made, so it has none: it is missing.
        Assert.That(Texts(rows, "color"), Is.EqualTo(new[] { "red", "green", null, "red" }));
        Assert.That(Texts(rows, "length"), Is.EqualTo(new[] { "3", "5", null, "3" }));
        Assert.That(rows.Schema.Select(field => field.Type), Is.All.EqualTo(ColumnType.Text));
    }

    [Test]
    public async Task ReadAllAsync_OfKeysWithoutTexts_GivesIntegersFromOneOn()
    {
        var view = ML.Transforms.Conversion.Hash("bucket", "Text", numberOfBits: 4).Fit(Words()).Transform(Words());

        var rows = await DataSources.FromDataView("keys", view, ["bucket"]).ReadAllAsync();

        Assert.That(rows.Schema["bucket"].Type, Is.EqualTo(ColumnType.Integer));
        Assert.That(((IntegerColumn)rows["bucket"]).Values.ToArray(), Is.All.InRange(1, 16));
        Assert.That(
            ((IntegerColumn)rows["bucket"]).Values.ToArray(),
            Is.EqualTo(Reading.Values<uint>(view, "bucket").Select(key => (long)key)));

        static IDataView Words() => ML.Data.LoadFromEnumerable("a b c d".Split(' ').Select(text => new WideRow { Text = text }));
    }

    [Test]
    public async Task ReadAllAsync_OfSparseVectors_FillsThem()
    {
        var view = ML.Data.LoadFromEnumerable("a b a c".Split(' ').Select(text => new WideRow { Text = text }));
        var encoded = ML.Transforms.Categorical.OneHotEncoding("hot", "Text").Fit(view).Transform(view);

        var rows = await DataSources.FromDataView("sparse", encoded, ["hot"]).ReadAllAsync();

        Assert.That(Texts(rows, "hot"), Is.EqualTo(new[] { "[1 0 0]", "[0 1 0]", "[1 0 0]", "[0 0 1]" }));
    }

    [Test]
    public void FromDataView_OfColumnsThatCannotBeRead_NamesAllOfThem()
    {
        var view = ML.Data.LoadFromEnumerable([new WideRow { Text = "a b" }]);
        var tokens = ML.Transforms.Text.TokenizeIntoWords("tokens", "Text")
            .Append(ML.Transforms.Text.ProduceWordBags("bag", "Text"))
            .Append(ML.Transforms.Conversion.MapValueToKey("keys", "tokens"))
            .Fit(view)
            .Transform(view);

        Assert.That(
            () => DataSources.FromDataView("words", tokens),
            Throws.InstanceOf<MlOpsException>()
                .With.Message.Contains("2 of the 20 columns")
                .And.Message.Contains("'tokens' has vectors of variable length")
                .And.Message.Contains("'keys' has vectors of variable length")
                .And.Message.Contains("`columns`"));
        Assert.That(() => DataSources.FromDataView("words", tokens, ["Text", "bag"]), Throws.Nothing);
    }

    [Test]
    public void FromDataView_OfBadArguments_IsRefused()
    {
        var view = Tables.OfEveryType(3).AsDataView();

        Assert.That(() => DataSources.FromDataView(" ", view), Throws.ArgumentException);
        Assert.That(() => DataSources.FromDataView("view", null!), Throws.ArgumentNullException);
        Assert.That(
            () => DataSources.FromDataView("view", view, ["nmber"]),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("nmber"));
        Assert.That(() => DataSources.FromDataView("view", view, ["text", "text"]), Throws.InstanceOf<MlOpsException>());
        Assert.That(
            () => DataSources.FromDataView("view", view, []),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("no columns"));
        Assert.That(
            async () => await DataSources.FromDataView("view", view).OpenAsync(new ReadRequest { After = new Watermark("1") }),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("OnlyNew"));
    }

    [Test]
    public async Task OpenAsync_OfVectorsOfDoubles_NotesTheRounding()
    {
        var source = DataSources.FromDataView(
            "wide", ML.Data.LoadFromEnumerable([new WideRow { Doubles = [1, 2], Vector = [1, 2], Bytes = [1, 2] }]));

        await using var scan = await source.OpenAsync(ReadRequest.All);

        Assert.That(scan.Notes, Is.EqualTo(new[] { "The vectors of 'Doubles' hold Double values, which are rounded to Single." }));
    }

    [Test]
    public async Task OpenAsync_OfHiddenColumns_LeavesThemOut()
    {
        var view = Tables.OfEveryType(3).AsDataView(["number", "text"]);
        var hidden = ML.Transforms.CopyColumns("text", "number").Fit(view).Transform(view);

        await using var scan = await DataSources.FromDataView("hidden", hidden).OpenAsync(ReadRequest.All);

        Assert.That(hidden.Schema, Has.Count.EqualTo(3));
        Assert.That(scan.Schema.ToString(), Is.EqualTo("number: Number, text: Number"));
    }

    [Test]
    public async Task ReadAsync_OfSomeColumns_AsksTheViewForNoOthers()
    {
        var view = new WatchedView(Tables.OfEveryType(5).AsDataView());
        var source = DataSources.FromDataView("watched", view);

        await using var scan = await source.OpenAsync(new ReadRequest { Columns = ["time", "number"] });
        await foreach (var batch in scan.ReadAsync()) Assert.That(batch.RowCount, Is.EqualTo(5));

        Assert.That(view.Asked, Is.Not.Empty.And.All.EqualTo("number time"));
    }

    [Test]
    public async Task OpenAsync_FileOfTheViewHasChanged_HasAnotherVersion()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "1\n2\n");
            var ml = new MLContext(1);
            var source = DataSources.FromDataView(
                "file", ml.Data.LoadFromTextFile(file, [new TextLoader.Column("number", DataKind.Single, 0)]));

            var versions = new List<ContentVersion?>();
            for (var i = 0; i < 3; i++)
            {
                if (i == 2) await File.WriteAllTextAsync(file, "1\n2\n3\n");
                await using var scan = await source.OpenAsync(ReadRequest.All);
                versions.Add(scan.Version);
            }

            Assert.That(versions[1], Is.EqualTo(versions[0]).And.Not.Null);
            Assert.That(versions[2], Is.Not.EqualTo(versions[0]));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Test]
    public async Task ReadAsync_LeftEarly_DisposesOfTheCursor()
    {
        var view = new WatchedView(Tables.OfEveryType(10).AsDataView());
        await using var scan = await DataSources.FromDataView("watched", view).OpenAsync(new ReadRequest { BatchSize = 2 });

        await foreach (var batch in scan.ReadAsync())
        {
            Assert.That(batch.RowCount, Is.EqualTo(2));
            break;
        }

        Assert.That(view.OpenCursors, Is.Zero);
    }

    [Test]
    public async Task ReadAsync_CancelledInTheMiddleOfABatch_EndsAtOnce()
    {
        using var cancelled = new CancellationTokenSource();

        // The first 1,001 moves are those of the version.
        var view = new WatchedView(Tables.OfEveryType(1000).AsDataView(["number"]))
        {
            Moving = move =>
            {
                if (move == 1011) cancelled.Cancel();
            }
        };
        await using var scan = await DataSources.FromDataView("watched", view).OpenAsync(ReadRequest.All);

        Assert.That(
            async () =>
            {
                await foreach (var batch in scan.ReadAsync(null, cancelled.Token)) Assert.That(batch.RowCount, Is.Zero);
            },
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That((view.Moves, view.OpenCursors), Is.EqualTo((1011, 0)));
    }

    [Test]
    public async Task ReadAsync_OfWideVectors_KeepsBatchesSmall()
    {
        const int width = 1 << 20;
        var schema = new Schema(new Field("wide", ColumnType.Vector, width));
        var view = Tables.Of(schema, 20, (row, to) => ((VectorColumnBuilder)to[0]).Append(new float[width])).AsDataView();
        await using var scan = await DataSources.FromDataView("wide", view).OpenAsync(ReadRequest.All);
        var sizes = new List<int>();

        await foreach (var batch in scan.ReadAsync()) sizes.Add(batch.RowCount);

        Assert.That(sizes, Is.EqualTo(new[] { 16, 4 }));
    }

    [Test]
    public async Task Version_OfTextsThatDivideOtherwise_Differs()
    {
        var one = await VersionAsync("ab", "c");
        var other = await VersionAsync("a", "bc");

        Assert.That(other, Is.Not.EqualTo(one));
        Assert.That(await VersionAsync("ab", "c"), Is.EqualTo(one));

        static async Task<ContentVersion?> VersionAsync(params string[] texts)
        {
            var rows = Tables.OfOne("text", ColumnType.Text, texts.Length, (row, to) => ((TextColumnBuilder)to).Append(texts[row]));
            await using var scan = await DataSources.FromDataView("view", rows.AsDataView()).OpenAsync(ReadRequest.All);
            return scan.Version;
        }
    }

    [Test]
    public async Task RoundTrip_OfATableThroughAView_ChangesOnlyMissingTextsAndTypesWithNotes()
    {
        var rows = Tables.OfEveryType(50);

        var back = await DataSources.FromDataView("view", rows.AsDataView()).ReadAllAsync();

        Assert.That(back.Schema, Is.EqualTo(rows.Schema));
        foreach (var field in rows.Schema) Assert.That(Texts(back, field.Name), Is.EqualTo(Texts(rows, field.Name)), field.Name);
    }

    [Test]
    public async Task CollectData_FromAView_RunsAndIsReused()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync();
        Task<LifecycleRun> RunAsync() => LifecycleBuilder.Create("view")
            .CollectData(data => data.From(DataSources.FromDataView("legacy", SampleRows.Create(200).AsDataView())))
            .Build()
            .RunAsync(temporary.Workspace);

        var first = await RunAsync();
        var second = await RunAsync();

        Assert.That(first.Collection!.Rows, Is.EqualTo(200));
        Assert.That(second.Collection!.Version, Is.EqualTo(first.Collection.Version).And.Not.Null);
        Assert.That(second.Explain(), Does.Contain("2 Collection: reused"));
    }

    private static string?[] Texts(Dataset rows, string column) => [.. Enumerable.Range(0, rows.RowCount).Select(rows[column].GetText)];

    private static async Task<(Dataset Rows, List<MalformedRow> Malformed)> ReadAsync(IDataSource source, MalformedRows malformed)
    {
        await using var scan = await source.OpenAsync(new ReadRequest { Malformed = malformed, BatchSize = 1 });
        var batches = new List<RecordBatch>();
        var rows = new List<MalformedRow>();
        await foreach (var batch in scan.ReadAsync())
        {
            batches.Add(batch);
            rows.AddRange(scan.TakeMalformed());
        }

        return (Dataset.FromBatches(scan.Schema, batches), rows);
    }
}
