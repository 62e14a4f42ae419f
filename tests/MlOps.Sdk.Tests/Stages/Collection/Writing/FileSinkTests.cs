using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Collection;

[TestFixture]
public sealed class FileSinkTests
{
    private static readonly string?[] Texts =
    [
        null, "", "a", "007", "1e3", "true", "2024-01-01", " a ", "a,b", "a;b", "a\"b", "\"", "a\nb", "\r",
    ];


    private TempFolder _folder = null!;

    [SetUp]
    public void Create() => _folder = new TempFolder();

    [TearDown]
    public void Delete() => _folder.Dispose();

    [Test]
    public async Task Csv_ValuesOfEveryType_AreWrittenAsTheStandardSays()
    {
        await Table().WriteToAsync(DataSinks.Csv(_folder["t.csv"]));

        Assert.That(File.ReadAllText(_folder["t.csv"]), Is.EqualTo(
            "id,\"a \"\"b\"\", c\",x,yes,at\n" +
            "1,plain,0.1,true,2024-02-29T23:59:59.000001Z\n" +
            "-2,\"\",1E+21,false,2024-03-01T00:00:00Z\n" +
            "3,,,,\n"));
    }

    [Test]
    public async Task Csv_ReadWithTheSchema_GivesTheSameTable()
    {
        var table = Table();
        await table.WriteToAsync(DataSinks.Csv(_folder["t.csv"], options => options.Delimiter = ';'));

        var read = await DataSources.Csv(_folder["t.csv"], options =>
        {
            options.Delimiter = ';';
            options.Schema = table.Schema;
        }).ReadAllAsync();
        var inferred = await DataSources.Csv(_folder["t.csv"], options => options.Delimiter = ';').ReadAllAsync();

        Assert.Multiple(() =>
        {
            Assert.That((read.Schema, inferred.Schema), Is.EqualTo((table.Schema, table.Schema)));
            Assert.That(TextsOf(read["a \"b\", c"]), Is.EqualTo(new[] { "plain", null, null }), "an empty text is missing, too");
            foreach (var name in (string[])["id", "x", "yes", "at"])
            {
                Assert.That(TextsOf(read[name]), Is.EqualTo(TextsOf(table[name])), name);
            }
        });
    }

    [TestCase(',', "\\N")]
    [TestCase(';', "NULL")]
    [TestCase('\t', "-")]
    public async Task Csv_TextsAndMissingOnes_AreToldApartByTheNullToken(char delimiter, string token)
    {
        // One column and several: a line that is empty would be no row.
        foreach (var columns in new[] { 1, 2 })
        {
            var schema = new Schema(Enumerable.Range(0, columns).Select(i => new Field($"c{i}", ColumnType.Text)));
            var builder = new RecordBatchBuilder(schema);
            foreach (var text in Texts.Append("x\ty"))
            {
                for (var i = 0; i < columns; i++) ((TextColumnBuilder)builder[i]).Append(text);
            }
            var table = Dataset.FromBatches(schema, [builder.Build()]);
            await table.WriteToAsync(
                DataSinks.Csv(_folder["t.csv"], options => (options.Delimiter, options.NullToken) = (delimiter, token)));

            var read = await DataSources.Csv(_folder["t.csv"], options =>
            {
                options.Delimiter = delimiter;
                options.Schema = schema;
                options.NullTokens.Clear();
                options.NullTokens.Add(token);
            }).ReadAllAsync();

            Assert.That(TextsOf(read.Columns[^1]), Is.EqualTo(TextsOf(table.Columns[^1])), $"{columns} columns");
        }
    }

    [Test]
    public async Task Csv_OneColumnWithMissingValues_KeepsItsRows()
    {
        var table = TableOf(new Field("x", ColumnType.Number), to => ((NumberColumnBuilder)to).Append(1.5), to => to.AppendNull(), to =>
            ((NumberColumnBuilder)to).Append(double.NaN));

        await table.WriteToAsync(DataSinks.Csv(_folder["t.csv"]));

        var read = await DataSources.Csv(_folder["t.csv"], options => options.Schema = table.Schema).ReadAllAsync();
        Assert.That(TextsOf(read["x"]), Is.EqualTo(new[] { "1.5", null, null }), "NaN is missing");
    }

    [Test]
    public async Task Csv_Doubles_AreTheSameToTheLastBit()
    {
        var random = new Random(7);
        var numbers = Enumerable.Range(0, 5_000)
            .Select(_ => BitConverter.Int64BitsToDouble(random.NextInt64()))
            .Where(double.IsFinite)
            .Concat([double.MaxValue, double.MinValue, double.Epsilon, 0.1 + 0.2])
            .ToArray();
        var table = TableOf(
            new Field("x", ColumnType.Number),
            [.. numbers.Select(number => (Action<ColumnBuilder>)(to => ((NumberColumnBuilder)to).Append(number)))]);

        await table.WriteToAsync(DataSinks.Csv(_folder["t.csv"]));

        var read = await DataSources.Csv(_folder["t.csv"]).ReadAllAsync();
        Assert.That(((NumberColumn)read["x"]).Values.ToArray(), Is.EqualTo(numbers));
    }

    [Test]
    public void Csv_WhatCouldNotBeReadBack_IsRefusedByName()
    {
        File.WriteAllText(_folder["t.csv"], "before");
        var infinite = TableOf(
            new Field("x", ColumnType.Number), to => to.AppendNull(), to => ((NumberColumnBuilder)to).Append(double.NegativeInfinity));
        var token = TableOf(new Field("t", ColumnType.Text), to => ((TextColumnBuilder)to).Append("NULL"));
        var vector = TableOf(new Field("place", ColumnType.Vector, 2), to => ((VectorColumnBuilder)to).Append([1, 2]));
        IDataSink Csv(string token = "") => DataSinks.Csv(_folder["t.csv"], options => options.NullToken = token);

        Assert.Multiple(() =>
        {
            Assert.That(
                () => infinite.WriteToAsync(Csv()),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("Row 2").And.Message.Contains("'x'"));
            Assert.That(() => token.WriteToAsync(Csv("NULL")), Throws.TypeOf<MlOpsException>().With.Message.Contains("NullToken"));
            Assert.That(() => vector.WriteToAsync(Csv()), Throws.TypeOf<MlOpsException>().With.Message.Contains("'place'"));
            Assert.That(Directory.GetFiles(_folder.Path), Has.Length.EqualTo(1));
            Assert.That(File.ReadAllText(_folder["t.csv"]), Is.EqualTo("before"));
        });
    }

    [Test]
    public async Task Complete_AfterAWriteThatFailed_IsRefused()
    {
        var schema = new Schema(new Field("x", ColumnType.Number));
        var infinite = TableOf(schema[0], to => ((NumberColumnBuilder)to).Append(1), to => ((NumberColumnBuilder)to).Append(1 / 0.0));
        var writer = await DataSinks.Csv(_folder["t.csv"]).OpenAsync(schema);
        await using (writer)
        {
            Assert.That(async () => await writer.WriteAsync(infinite.ToBatches().Single()), Throws.TypeOf<MlOpsException>());
            Assert.That(async () => await writer.CompleteAsync(), Throws.InvalidOperationException);
        }

        Assert.That(Directory.GetFiles(_folder.Path), Is.Empty);
    }

    [Test]
    public async Task Write_HalfACharacter_IsRefusedRatherThanAnotherTextWritten()
    {
        foreach (var text in (string[])["a\uD83D", "\uDE00b", "\uDE00\uD83D", "\U0001F600\uD83D"])
        {
            var half = TableOf(new Field("name", ColumnType.Text), to => to.AppendNull(), to => ((TextColumnBuilder)to).Append(text));
            foreach (var sink in (IDataSink[])[DataSinks.Csv(_folder["t.csv"]), DataSinks.Arrow(_folder["t.arrow"])])
            {
                Assert.That(
                    () => half.WriteToAsync(sink),
                    Throws.TypeOf<MlOpsException>().With.Message.Contains("surrogate").And.Message.Contains("'name'"));
                Assert.That(Directory.GetFiles(_folder.Path), Is.Empty);
            }
        }

        var whole = TableOf(new Field("name", ColumnType.Text), to => ((TextColumnBuilder)to).Append("a\U0001F600b"));
        await whole.WriteToAsync(DataSinks.Csv(_folder["t.csv"]));
        Assert.That(File.ReadAllText(_folder["t.csv"]), Is.EqualTo("name\na\U0001F600b\n"));
    }

    [TestCase('5')]
    [TestCase('-')]
    [TestCase('+')]
    [TestCase('.')]
    [TestCase(':')]
    [TestCase('E')]
    [TestCase('t')]
    public void Csv_DelimiterThatValuesHave_IsRefused(char delimiter) => Assert.That(
        () => DataSinks.Csv(_folder["t.csv"], options => options.Delimiter = delimiter),
        Throws.TypeOf<MlOpsException>().With.Message.Contains($"'{delimiter}'"));

    [TestCase("0")]
    [TestCase("-1.5")]
    [TestCase("true")]
    [TestCase("2024-01-01")]
    [TestCase("a,b")]
    [TestCase("a\"")]
    [TestCase(" a")]
    [TestCase(null)]
    public void Csv_NullTokenThatIsAValueOrNoField_IsRefused(string? token) => Assert.That(
        () => DataSinks.Csv("t.csv", options => options.NullToken = token!), Throws.TypeOf<MlOpsException>());

    [Test]
    public void Write_NoFolderOrAFolderInItsPlace_SaysSo() => Assert.Multiple(() =>
    {
        Assert.That(
            () => Table().WriteToAsync(DataSinks.Arrow(_folder[Path.Combine("none", "t.arrow")])),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("folder of the file does not exist").And.Message.Contains("t.arrow"));
        Assert.That(
            () => Table().WriteToAsync(DataSinks.Arrow(_folder.Path)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("The path of the file is a folder"));
    });

    [Test]
    [Platform(Exclude = "Win")]
    public async Task Write_OnUnix_IsForTheAccountAlone()
    {
        await Table().WriteToAsync(DataSinks.Csv(_folder["t.csv"]));

        if (!OperatingSystem.IsWindows())
        {
            Assert.That(File.GetUnixFileMode(_folder["t.csv"]), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }
    }

    [Test]
    public async Task Write_SourceOntoItself_ReplacesItAtTheEnd()
    {
        await Table().WriteToAsync(DataSinks.Csv(_folder["t.csv"]));
        var before = await DataSources.Csv(_folder["t.csv"]).ReadAllAsync();

        var rows = await DataSources.Csv(_folder["t.csv"]).WriteToAsync(DataSinks.Csv(_folder["t.csv"]));

        var after = await DataSources.Csv(_folder["t.csv"]).ReadAllAsync();
        Assert.That(rows, Is.EqualTo(3));
        Assert.That(after.Columns.SelectMany(TextsOf), Is.EqualTo(before.Columns.SelectMany(TextsOf)));
    }

    [Test]
    public async Task Write_SourceFailsOnItsWay_LeavesWhatWasThere()
    {
        File.WriteAllText(_folder["t.csv"], "before");
        async IAsyncEnumerable<Subscriber> Rows()
        {
            foreach (var row in Subscriber.Draw(20_000, seed: 1)) yield return row;
            await Task.Yield();
            throw new InvalidOperationException("no more");
        }

        Assert.That(
            () => DataSources.Objects(Rows()).WriteToAsync(DataSinks.Csv(_folder["t.csv"])),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("no more"));
        Assert.That(File.ReadAllText(_folder["t.csv"]), Is.EqualTo("before"));
        Assert.That(Directory.GetFiles(_folder.Path), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task Write_SinkOfOthersFails_NamesItAndHidesSecrets()
    {
        var failure = await Assert.ThrowsAsync<MlOpsException>(() => Table().WriteToAsync(new TroubledSink()));

        Assert.Multiple(() =>
        {
            Assert.That(failure!.Plugin, Is.EqualTo(typeof(TroubledSink).FullName));
            Assert.That(failure.DataSource, Is.EqualTo("troubled"));
            Assert.That(failure.Message, Does.Contain("host").And.Not.Contains("hunter2"));
        });
    }

    private static string?[] TextsOf(Column column) => [.. Enumerable.Range(0, column.Length).Select(column.GetText)];

    private static Dataset TableOf(Field field, params Action<ColumnBuilder>[] rows)
    {
        var schema = new Schema(field);
        var builder = new RecordBatchBuilder(schema);
        foreach (var row in rows) row(builder[0]);
        return Dataset.FromBatches(schema, [builder.Build()]);
    }

    private static Dataset Table()
    {
        var schema = new Schema(
            new Field("id", ColumnType.Integer),
            new Field("a \"b\", c", ColumnType.Text),
            new Field("x", ColumnType.Number),
            new Field("yes", ColumnType.Boolean),
            new Field("at", ColumnType.Timestamp));
        var builder = new RecordBatchBuilder(schema);
        void Add(long id, string? text, double? number, bool? flag, DateTime? at)
        {
            ((IntegerColumnBuilder)builder[0]).Append(id);
            ((TextColumnBuilder)builder[1]).Append(text);
            if (number is { } x) ((NumberColumnBuilder)builder[2]).Append(x);
            else builder[2].AppendNull();
            if (flag is { } yes) ((BooleanColumnBuilder)builder[3]).Append(yes);
            else builder[3].AppendNull();
            if (at is { } time) ((TimestampColumnBuilder)builder[4]).Append(time);
            else builder[4].AppendNull();
        }

        Add(1, "plain", 0.1, true, new DateTime(2024, 2, 29, 23, 59, 59, DateTimeKind.Utc).AddTicks(19));
        Add(-2, "", 1e21, false, new DateTime(2024, 3, 1, 0, 0, 0, DateTimeKind.Utc));
        Add(3, null, null, null, null);
        return Dataset.FromBatches(schema, [builder.Build()]);
    }

    private sealed class TroubledSink : IDataSink, IDataWriter
    {
        public string Name => "troubled";

        public ValueTask<IDataWriter> OpenAsync(Schema schema, CancellationToken cancellationToken = default) => new(this);

        public ValueTask WriteAsync(RecordBatch batch, CancellationToken cancellationToken = default) =>
            throw new InvalidOperationException("no answer from the host; Password=hunter2");

        public ValueTask CompleteAsync(CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

        public ValueTask DisposeAsync() => throw new InvalidOperationException("the closing, too");
    }
}
