using System.Text;
using MlOps.Sdk.Collection;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Collection;

/// <summary>Files that only grow: what is new is read, and a change of what was read is noticed.</summary>
public sealed class FileWatermarkTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestCase("a,b\n1,x\n2,y\n", "3,z\n\n4,w\n", "3|z 4|w")]
    [TestCase("a,b\n1,x\n2,y", "\n3,z", "3|z")]
    [TestCase("a,b\r\n1,x\r\n2,\"y\ny\"\r\n", "3,z\r\n", "3|z")]
    [TestCase("a,b\n1,x\n", "", "")]
    public async Task OpenAsync_AfterAWatermark_GivesWhatWasAppended(string first, string then, string expected)
    {
        var (_, mark) = await ReadAsync(first, null);

        var (rows, next) = await ReadAsync(first + then, mark);

        Assert.That(string.Join(' ', rows), Is.EqualTo(expected));
        Assert.That((await ReadAsync(first + then, next)).Rows, Is.Empty);
        Assert.That(
            (await ReadAsync(first + then + (then.EndsWith('\n') || then.Length == 0 ? "" : "\n") + "9,n\n", next)).Rows,
            Is.EqualTo(new[] { "9|n" }));
    }

    [TestCase("a,b\n1,x\n2,y\n", "a,b\n1,X\n2,y\n3,z\n", TestName = "a value changed")]
    [TestCase("a,b\n1,x\n2,y\n", "a,b\n1,x\n", TestName = "a row is gone")]
    [TestCase("a,b\n1,x\n2,y", "a,b\n1,x\n2,yy\n", TestName = "the last line was continued")]
    [TestCase("a,b\n1,x\n2,y", "a,b\n1,x\n2,yy", TestName = "the last line was continued and has no end")]
    [TestCase("a,b\n1,x\n2,y\n", "b,a\n1,x\n2,y\n3,z\n", TestName = "the header changed")]
    public async Task OpenAsync_WhatWasReadChanged_IsRefused(string first, string then)
    {
        var (_, mark) = await ReadAsync(first, null);

        var failure = await Assert.ThrowsAsync<MlOpsException>(() => ReadAsync(then, mark));

        Assert.That(failure!.Problem, Does.Contain("has changed"));
        Assert.That(failure.Remedy, Does.Contain("without OnlyNew"));
    }

    [Test]
    public async Task Run_NewRowsOfAnotherType_NamesTheColumnAndTheRemedy()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder["workspace"]);
        var path = folder["grows.csv"];
        await File.WriteAllTextAsync(path, "a,b\n1,x\n2,y\n");
        var lifecycle = LifecycleBuilder.Create("grows")
            .CollectData(data => data.FromCsv(path, read: read => read.OnlyNew()).KeepEarlierRows())
            .Build();
        await lifecycle.RunAsync(workspace);
        await File.AppendAllTextAsync(path, "n/a,z\n");

        Assert.That(
            async () => await lifecycle.RunAsync(workspace),
            Throws.TypeOf<MlOpsException>()
                .With.Message.Contains("the column 'a' was Integer and is Text")
                .And.Property("Remedy")
                .Contains("CsvOptions.Schema"));
    }

    [Test]
    public async Task OpenAsync_ManyAppends_ReadEveryRowOnceWhereverTheBufferEnds()
    {
        var random = new Random(9);
        var text = new StringBuilder("id,text\n");
        Watermark? mark = null;
        var read = new List<string>();
        for (var (id, step) = (0, 0); step < 25; step++)
        {
            for (var count = random.Next(1, 900); count > 0; count--)
            {
                text.Append(FormattableString.Invariant($"{id++},{new string('x', random.Next(60))}\n"));
            }
            (var rows, mark) = await ReadAsync(text.ToString(), mark);
            read.AddRange(rows);
        }

        Assert.That(string.Join('\n', read), Is.EqualTo(text.ToString()["id,text\n".Length..].Replace(',', '|').TrimEnd('\n')));
    }

    [Test]
    public async Task OpenAsync_OtherOptionsThanBefore_AreRefused()
    {
        var (_, mark) = await ReadAsync("a,b\n1,x\n", null);

        await Assert.ThatAsync(
            () => ReadAsync("a,b\n1,x\n2,y\n", mark, csv => csv.HasHeader = false),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("has changed"));
    }

    [Test]
    public async Task OpenAsync_WatermarkOfAnotherSource_IsRefused() =>
        await Assert.ThatAsync(
            () => ReadAsync("a\n1\n", new Watermark("42")),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("without OnlyNew"));

    [Test]
    public async Task ReadAsync_MalformedRowsBefore_AreCounted()
    {
        const string Text = "a,b\n1,x\nbad\n2,y\n";
        var path = _folder.Write("m.csv", Text);
        var request = new ReadRequest { Malformed = MalformedRows.Quarantine };
        await using var first = await DataSources.Csv(path).OpenAsync(request);
        _folder.Write("m.csv", Text + "3,z\nworse\n");

        await using var scan = await DataSources.Csv(path).OpenAsync(request with { After = first.Watermark });
        var rows = new List<string?>();
        await foreach (var batch in scan.ReadAsync()) rows.AddRange(Enumerable.Range(0, batch.RowCount).Select(batch.Columns[1].GetText));

        Assert.That(rows, Is.EqualTo(new[] { "z" }));
        Assert.That(scan.TakeMalformed().Select(row => (row.Line, row.Text)), Is.EqualTo(new[] { (6L, "worse") }));
    }

    private async Task<(List<string> Rows, Watermark Mark)> ReadAsync(string text, Watermark? after, Action<CsvOptions>? configure = null)
    {
        await using var scan = await DataSources.Csv(_folder.Write("x.csv", text), configure)
            .OpenAsync(new ReadRequest { After = after, BatchSize = 100 });
        var rows = new List<string>();
        await foreach (var batch in scan.ReadAsync())
        {
            for (var row = 0; row < batch.RowCount; row++) rows.Add(string.Join('|', batch.Columns.Select(column => column.GetText(row))));
        }

        return (rows, scan.Watermark!);
    }
}
