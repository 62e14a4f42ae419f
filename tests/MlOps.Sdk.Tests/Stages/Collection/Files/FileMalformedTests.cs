using System.Text;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Plugins;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Collection;

/// <summary>
/// Rows of a file that cannot be read: kept aside, or read without the values at fault, and reading goes on exactly behind them.
/// </summary>
public sealed class FileMalformedTests : IDisposable
{
    private static readonly Schema Typed = new(
        new Field("id", ColumnType.Integer), new Field("n", ColumnType.Number), new Field("t", ColumnType.Text));
    private readonly TempFolder _folder = new();

    private static readonly byte[] Bad =
    [
        .. "id,n,t\n1,1.5,a\n2,x,b\n3,3.5\n4,4.5,d,e\n\"5\"5,5.5,e\n6,6.5,"u8, 0xFF, .. "\n7,7.5,\"g\ng\"\ny,z,h\n9,9.5,i\n"u8,
    ];

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task Run_NewRowsOfWhichNoneIsKept_AreNotTakenForNone()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var path = _folder.Write("grows.csv", "a,b\n1,2\n");
        var lifecycle = LifecycleBuilder.Create("grows")
            .CollectData(data => data.FromCsv(path, read: read => read.OnlyNew()).Malformed(MalformedRows.Quarantine, 1))
            .Build();
        await lifecycle.RunAsync(workspace);
        await File.AppendAllTextAsync(path, "1\n2,3,4\n");

        Assert.That(
            async () => await lifecycle.RunAsync(workspace),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("Of 2 rows that are new since run"));
    }

    [Test]
    public async Task ReadAsync_LargeFields_EndABatchEarly()
    {
        var field = new string('x', 1 << 20);
        var path = _folder.Write("large.csv", "a,b\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"{i},{field}\n")));
        await using var scan = await DataSources.Csv(path).OpenAsync(ReadRequest.All);
        var sizes = new List<int>();
        await foreach (var batch in scan.ReadAsync()) sizes.Add(batch.RowCount);
        var rest = 0;
        await foreach (var batch in scan.ReadAsync(new Position(17))) rest += batch.RowCount;

        Assert.That(sizes, Is.All.LessThanOrEqualTo(18));
        Assert.That((sizes.Sum(), rest), Is.EqualTo((40, 23)));
    }

    [Test]
    public async Task ReadAsync_Quarantine_KeepsRowsAsideWithLineColumnReasonAndText()
    {
        var (rows, malformed) = await ReadAsync(Bad, MalformedRows.Quarantine, Typed);

        Assert.That(rows, Is.EqualTo(new[] { "1|1.5|a", "7|7.5|g\ng", "9|9.5|i" }));
        Assert.That(
            malformed.Select(row => (row.Line, row.Column)),
            Is.EqualTo(new (long, string?)[] { (3, "n"), (4, null), (5, null), (6, null), (7, "t"), (10, "id") }));
        Assert.That(malformed.All(row => row is { Source: "x.csv", IsKept: false }), Is.True);
        Assert.That(malformed[0].Reason, Is.EqualTo("'x' is not a finite number."));
        Assert.That(malformed[1].Reason, Does.Contain("2 fields where the header has 3"));
        Assert.That(malformed[2].Reason, Does.Contain("4 fields"));
        Assert.That(malformed[3].Reason, Does.Contain("follows the closing quote"));
        Assert.That(malformed[4].Reason, Does.Contain("not valid UTF-8"));
        Assert.That(malformed[5].Reason, Is.EqualTo("'y' is not a 64-bit whole number. Column 'n': 'z' is not a finite number."));
        Assert.That(
            malformed.Select(row => row.Text),
            Is.EqualTo(new[] { "2,x,b", "3,3.5", "4,4.5,d,e", "\"5\"5,5.5,e", "6,6.5,\uFFFD", "y,z,h" }));
    }

    [Test]
    public async Task ReadAsync_Null_ReadsRowsWithoutTheValuesAtFault()
    {
        var (rows, malformed) = await ReadAsync(Bad, MalformedRows.Null, Typed);

        Assert.That(rows, Is.EqualTo(new[] { "1|1.5|a", "2||b", "3|3.5|", "6|6.5|", "7|7.5|g\ng", "||h", "9|9.5|i" }));
        Assert.That(
            malformed.Select(row => (row.Line, row.IsKept)),
            Is.EqualTo(new (long, bool)[] { (3, true), (4, true), (5, false), (6, false), (7, true), (10, true) }));
    }

    [Test]
    public async Task ReadAsync_Inference_IgnoresRowsKeptAside()
    {
        var (rows, malformed) = await ReadAsync("a,b\n1,2\nx\n3,4\ny,z,\n"u8.ToArray(), MalformedRows.Quarantine);
        var (lenient, _) = await ReadAsync("a,b\n1,2\nx\n3,4\ny,z,\n"u8.ToArray(), MalformedRows.Null);

        Assert.That(rows, Is.EqualTo(new[] { "1|2", "3|4" }));
        Assert.That(malformed.Select(row => row.Line), Is.EqualTo(new[] { 3, 5 }));
        Assert.That(lenient, Is.EqualTo(new[] { "1|2", "|", "3|4" }), "what is no integer in a row at fault does not make the column text");
        Assert.That(
            (await ReadAsync("a\n1\nx\n"u8.ToArray(), MalformedRows.Quarantine)).Rows,
            Is.EqualTo(new[] { "1", "x" }),
            "a value of another type does");
    }

    [TestCase(MalformedRows.Quarantine)]
    [TestCase(MalformedRows.Null)]
    public async Task ReadAsync_QuoteNeverClosed_FailsAllTheSame(MalformedRows treatment)
    {
        await Assert.ThatAsync(
            () => ReadAsync("a,b\n1,\"x\n2,y\n"u8.ToArray(), treatment),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("never closed").And.Property("Line").EqualTo(2));
        await Assert.ThatAsync(
            () => ReadAsync("a,b\n5\" pipe,\"x\n2,y\n"u8.ToArray(), treatment),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("never closed"),
            "also behind a stray quote");
    }

    [Test]
    public async Task ReadAsync_TextBehindAQuoteBehindAStrayQuote_IsFound() =>
        Assert.That(
            (await ReadAsync("a,b\n5\" pipe,\"x\"y\n6,\"z\"\n"u8.ToArray(), MalformedRows.Quarantine)).Malformed.Single().Line,
            Is.EqualTo(2));

    [TestCase(MalformedRows.Quarantine, 1)]
    [TestCase(MalformedRows.Quarantine, 4)]
    [TestCase(MalformedRows.Null, 3)]
    public async Task ReadAsync_FromEveryPosition_GivesWhatIsBehindIt(MalformedRows treatment, int batchSize)
    {
        var random = new Random(3);
        var text = new StringBuilder("id,n\n");
        for (var i = 0; i < 60; i++)
        {
            text.Append(FormattableString.Invariant($"{i},{(random.Next(3)) switch { 0 => "x", 1 => "1.5", _ => "2,3" }}\n"));
        }
        var source = Csv(
            Encoding.UTF8.GetBytes(text.ToString()),
            new Schema(new Field("id", ColumnType.Integer), new Field("n", ColumnType.Number)));
        var request = new ReadRequest { Malformed = treatment, BatchSize = batchSize };
        var all = await EventsAsync(source, request, 0);
        Assert.That(all, Has.Count.EqualTo(60));

        for (var from = 1; from <= 60; from++)
        {
            Assert.That(await EventsAsync(source, request, from), Is.EqualTo(all.Skip(from)), $"from {from}");
        }
    }

    [Test]
    public async Task ReadAsync_NothingButMalformedRows_HandsThemOverInPieces()
    {
        var source = Csv(Encoding.UTF8.GetBytes("a,b\n1,2\n" + string.Concat(Enumerable.Repeat("x\n", 50_000))), null);
        await using var scan = await source.OpenAsync(new ReadRequest { Malformed = MalformedRows.Quarantine, BatchSize = 1_000 });
        var (most, all) = (0, 0);
        await foreach (var batch in scan.ReadAsync())
        {
            var taken = scan.TakeMalformed().Count;
            (most, all) = (Math.Max(most, taken), all + taken);
        }

        Assert.That((most, all + scan.TakeMalformed().Count), Is.EqualTo((1_000, 50_000)));
    }

    [Test]
    public async Task RunAsync_FileOfMalformedRowsOnly_IsReadThroughAndCounted()
    {
        var source = Csv(Encoding.UTF8.GetBytes("a,b\n" + string.Concat(Enumerable.Repeat("x\n", 20_000)) + "1,2\n"), null);
        await using var spool = new MalformedSpool();
        await using var reader = await CollectionReader.OpenAsync(
            new CollectionBuilder().From(source).Malformed(MalformedRows.Quarantine, 1).Build(),
            null,
            PluginServices.None,
            TimeProvider.System);
        var rows = 0;
        await foreach (var batch in reader.ReadAsync(spool)) rows += batch.RowCount;

        Assert.That((rows, spool.Count, spool.Lost), Is.EqualTo((1, 20_000, 20_000)));
    }

    [Test]
    public async Task ReadAsync_LongMalformedRow_KeepsItsBeginning()
    {
        var (_, malformed) = await ReadAsync(Encoding.UTF8.GetBytes($"a,b\n1,2\n{new string('ä', 50_000)}\n"), MalformedRows.Quarantine);

        Assert.That(malformed.Single().Text, Is.EqualTo(new string('ä', 10_000)));
        var (_, whole) = await ReadAsync(
            Encoding.UTF8.GetBytes($"a,b\n1,2\nx{string.Concat(Enumerable.Repeat("😀", 20_000))}\n"),
            MalformedRows.Quarantine);
        Assert.That(whole.Single().Text, Is.EqualTo("x" + string.Concat(Enumerable.Repeat("😀", 4_999))), "no half of a character");
    }

    [Test]
    public async Task ReadAsync_ColumnsThatAreNotRead_AreNotChecked()
    {
        var source = Csv("a,b\n1,x\n2,3\n"u8.ToArray(), new Schema(new Field("a", ColumnType.Integer), new Field("b", ColumnType.Integer)));

        Assert.That(await EventsAsync(source, new ReadRequest { Columns = ["a"] }, 0), Is.EqualTo(new[] { "1", "2" }));
        await Assert.ThatAsync(() => EventsAsync(source, new ReadRequest { Columns = ["b"] }, 0), Throws.TypeOf<MlOpsException>());
    }

    private IDataSource Csv(byte[] bytes, Schema? schema) => DataSources.Csv(_folder.Write("x.csv", bytes), csv => csv.Schema = schema);

    private async Task<(List<string> Rows, List<MalformedRow> Malformed)> ReadAsync(
        byte[] bytes, MalformedRows treatment, Schema? schema = null)
    {
        await using var scan = await Csv(bytes, schema).OpenAsync(new ReadRequest { Malformed = treatment });
        var (rows, malformed) = (new List<string>(), new List<MalformedRow>());
        await foreach (var batch in scan.ReadAsync())
        {
            for (var row = 0; row < batch.RowCount; row++) rows.Add(string.Join('|', batch.Columns.Select(column => column.GetText(row))));
            malformed.AddRange(scan.TakeMalformed());
        }

        Assert.That(scan.TakeMalformed(), Is.Empty);
        return (rows, malformed);
    }

    // Rows and malformed rows in the order of the file, so that a position can be any of them.
    private static async Task<List<string>> EventsAsync(IDataSource source, ReadRequest request, long from)
    {
        await using var scan = await source.OpenAsync(request);
        var events = new List<(double Id, string Text)>();
        await foreach (var batch in scan.ReadAsync(new Position(from)))
        {
            for (var row = 0; row < batch.RowCount; row++)
            {
                events.Add((batch.Columns[0].GetNumber(row), string.Join('|', batch.Columns.Select(column => column.GetText(row)))));
            }
            foreach (var row in scan.TakeMalformed().Where(row => !row.IsKept))
            {
                events.Add((double.Parse(row.Text.Split(',')[0]), row.Text));
            }
        }

        return [.. events.OrderBy(row => row.Id).Select(row => row.Text)];
    }
}
