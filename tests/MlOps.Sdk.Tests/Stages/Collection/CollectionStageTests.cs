using System.Globalization;
using System.Runtime.CompilerServices;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Collection;

[TestFixture]
public sealed class CollectionStageTests
{
    private static readonly Schema Numbers = new(new Field("n", ColumnType.Integer), new Field("text", ColumnType.Text));

    [Test]
    public async Task Run_OnlyNew_ReadsWhatCameSinceTheLastRunThatSucceeded()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var source = new GrowingSource { Rows = 3 };
        var lifecycle = LifecycleBuilder.Create("growing").CollectData(data => data.From(source, read => read.OnlyNew())).Build();

        var first = await lifecycle.RunAsync(workspace);
        source.Rows = 5;
        source.Fails = true;
        await Assert.CatchAsync<MlOpsException>(async () => await lifecycle.RunAsync(workspace));
        source.Fails = false;
        var second = await lifecycle.RunAsync(workspace);
        var nothingNew = await lifecycle.RunAsync(workspace);

        Assert.Multiple(async () =>
        {
            Assert.That(await ReadAsync(workspace, first), Is.EqualTo(new[] { 0, 1, 2 }));
            Assert.That(await ReadAsync(workspace, second), Is.EqualTo(new[] { 3, 4 }), "a run that failed is no success");
            Assert.That(
                (second.Collection!.EarlierRun, second.Collection.EarlierRows, second.Collection.Sources[0].Watermark),
                Is.EqualTo((first.Id, 0, "5")));
            Assert.That(nothingNew.ResultsOf, Is.EqualTo(second.Id));
            Assert.That(nothingNew.Record.Error, Does.Contain($"Nothing is new since run {second.Id}"));
        });
    }

    [Test]
    public async Task Run_KeepEarlierRows_PutsThemInFrontAndIsReusedWhenNothingIsNew()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var source = new GrowingSource { Rows = 3 };
        var lifecycle = LifecycleBuilder.Create("growing")
            .CollectData(data => data.From(source, read => read.OnlyNew()).KeepEarlierRows())
            .Build();

        await lifecycle.RunAsync(workspace);
        source.Rows = 5;
        var second = await lifecycle.RunAsync(workspace);
        var third = await lifecycle.RunAsync(workspace);
        var fourth = await lifecycle.RunAsync(workspace);

        Assert.Multiple(async () =>
        {
            Assert.That(await ReadAsync(workspace, second), Is.EqualTo(new[] { 0, 1, 2, 3, 4 }));
            Assert.That((second.Collection!.EarlierRows, second.Collection.Rows), Is.EqualTo((3, 5)));
            Assert.That(
                third.Record.Stages[0].Outputs[CollectionStage.Rows],
                Is.EqualTo(second.Record.Stages[0].Outputs[CollectionStage.Rows]),
                "the same rows are the same snapshot");
            Assert.That(fourth.Record.Stages[0].State, Is.EqualTo(StageState.Reused));
        });
    }

    [Test]
    public async Task Run_FileAndFolderThatGrow_ReadsWhatIsNewAndKeepsMalformedRowsAside()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder["workspace"]);
        Directory.CreateDirectory(folder["a=7"]);
        await File.WriteAllTextAsync(folder["x.csv"], "n,a\n1,7\nbad\n2,7\n");
        await File.WriteAllTextAsync(Path.Combine(folder["a=7"], "1.csv"), "n\n3\n");
        var lifecycle = LifecycleBuilder.Create("growing").CollectData(data => data
            .FromCsv(folder["x.csv"], read: read => read.OnlyNew())
            .FromFolder(folder.Path, "a=*/*.csv", file => DataSources.Csv(file), read => read.OnlyNew())
            .KeepEarlierRows().Malformed(MalformedRows.Quarantine, 0.5)).Build();

        var first = await lifecycle.RunAsync(workspace);
        await File.AppendAllTextAsync(folder["x.csv"], "4,7\n5,7,7\n");
        await File.WriteAllTextAsync(Path.Combine(folder["a=7"], "2.csv"), "n\n6\n");
        var second = await lifecycle.RunAsync(workspace);
        var third = await lifecycle.RunAsync(workspace);

        Assert.That(await ReadAsync(workspace, first), Is.EqualTo(new[] { 1, 2, 3 }));
        Assert.That(first.Collection!.MalformedExamples.Single(), Is.EqualTo(new MalformedRow(
            "x.csv", 3, null, "The row has 1 field where the header has 2. Column 'n': 'bad' is not a 64-bit whole number.", "bad")));
        Assert.That(await ReadAsync(workspace, second), Is.EqualTo(new[] { 1, 2, 3, 4, 6 }));
        Assert.That(second.Collection!.MalformedExamples.Select(row => row.Line), Is.EqualTo(new[] { 6 }));
        Assert.That(third.Collection!.Rows, Is.EqualTo(5), "nothing is new, and nothing is lost");
    }

    [TestCase(0.25, true)]
    [TestCase(0.24, false)]
    public async Task Run_Malformed_KeepsRowsAsideUpToTheTolerance(double tolerance, bool succeeds)
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var source = new GrowingSource { Rows = 12, MalformedRows = 3 };
        var lifecycle = LifecycleBuilder.Create("growing")
            .CollectData(data => data.From(source).Malformed(MalformedRows.Quarantine, tolerance))
            .Build();

        if (!succeeds)
        {
            var error = await Assert.CatchAsync<MlOpsException>(async () => await lifecycle.RunAsync(workspace));
            Assert.That(error.Message, Does.Contain("3 of 12 rows could not be read (25.00").And.Contain("first: it is broken"));
            Assert.That(
                (error.DataSource, error.Line, error.Column, error.Stage),
                Is.EqualTo(("growing", 9, "text", LifecycleStage.Collection)));
            return;
        }

        var run = await lifecycle.RunAsync(workspace);

        var malformed = await workspace.Artifacts.ReadRowsAsync(
            run.Record.Stages[0].Outputs[CollectionStage.Malformed],
            CancellationToken.None);
        Assert.Multiple(() =>
        {
            Assert.That((run.Collection!.Rows, run.Collection.Malformed, run.Collection.Sources[0].Malformed), Is.EqualTo((9, 3, 3)));
            Assert.That(run.Collection.MalformedExamples[0], Is.EqualTo(new MalformedRow("growing", 9, "text", "it is broken", "9;?")));
            Assert.That(Enumerable.Range(0, 3).Select(row => malformed["line"].GetText(row)), Is.EqualTo(new[] { "9", "10", "11" }));
        });
    }

    [Test]
    public async Task Run_ColumnsOfASource_ReadsNothingElseAndRunsAnewWhenTheyChange()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        Lifecycle Reading(params string[] columns) => LifecycleBuilder.Create("columns")
            .CollectData(data => data.FromObjects([new { A = 1, B = 2 }, new { A = 3, B = 4 }], read: read => read.Columns(columns)))
            .Build();

        var run = await Reading("b").RunAsync(workspace);
        var other = await Reading("b", "a").RunAsync(workspace);

        Assert.That(run.Collection!.Columns.Select(column => column.Name), Is.EqualTo(new[] { "b" }));
        Assert.That(other.Collection!.Columns.Select(column => column.Name), Is.EqualTo(new[] { "b", "a" }));
    }

    [Test]
    public void Build_KeepEarlierRowsOfSourcesThatAreReadWhole_IsAMistake() => Assert.That(
        () => LifecycleBuilder.Create("growing").CollectData(data => data.From(new GrowingSource()).KeepEarlierRows()).Build(),
        Throws.TypeOf<LifecycleConfigurationException>().With.Message.Contains("OnlyNew()"));

    [Test]
    public void Build_KeepEarlierRowsWithOneSourceThatIsReadWhole_IsAMistake() => Assert.That(
        () => LifecycleBuilder.Create("growing")
            .CollectData(data => data.From(new GrowingSource(), read => read.OnlyNew()).From(new GrowingSource()).KeepEarlierRows())
            .Build(),
        Throws.TypeOf<LifecycleConfigurationException>().With.Message.Contains("each source"));

    [Test]
    public async Task Run_TwoSourcesOfOneName_AreRefused()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = LifecycleBuilder.Create("twice")
            .CollectData(data => data
                .From(new GrowingSource { Rows = 2 }, read => read.OnlyNew())
                .From(new GrowingSource { Rows = 3 }, read => read.OnlyNew()))
            .Build();

        Assert.That(
            async () => await lifecycle.RunAsync(workspace),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("Two sources have the name 'growing'"));
    }

    [Test]
    public async Task Run_KeepEarlierRowsOfASourceThatWasRenamed_IsRefused()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        Lifecycle Reading(string name) => LifecycleBuilder.Create("renamed")
            .CollectData(data => data.From(new GrowingSource { Rows = 2, Name = name }, read => read.OnlyNew()).KeepEarlierRows())
            .Build();
        await Reading("x").RunAsync(workspace);

        Assert.That(
            async () => await Reading("y").RunAsync(workspace),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("read the source 'x'"));
    }

    [Test]
    public async Task Run_OnlyNewOfASourceThatCannotTell_SaysSo()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = LifecycleBuilder.Create("objects")
            .CollectData(data => data.FromObjects([new { A = 1 }], read: read => read.OnlyNew()))
            .Build();

        Assert.That(
            async () => await lifecycle.RunAsync(workspace),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("does not support OnlyNew"));
    }

    private static async Task<int[]> ReadAsync(Workspace workspace, LifecycleRun run)
    {
        var rows = await workspace.Artifacts.ReadRowsAsync(run.Record.Stages[0].Outputs[CollectionStage.Rows], CancellationToken.None);
        return [.. Enumerable.Range(0, rows.RowCount).Select(row => (int)rows["n"].GetNumber(row))];
    }

    private sealed class GrowingSource : IDataSource
    {
        public int Rows { get; set; }

        public int MalformedRows { get; init; }

        public bool Fails { get; set; }

        public string Name { get; init; } = "growing";

        public ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult<IDataScan>(
                new Scan(this, request.After is { } after ? int.Parse(after.Value, CultureInfo.InvariantCulture) : 0));

        private sealed class Scan(GrowingSource source, int start) : IDataScan
        {
            private readonly List<MalformedRow> _malformed = [];

            public Schema Schema => Numbers;

            public ContentVersion? Version => new($"{start} to {source.Rows}");

            public bool IsRepeatable => true;

            public Watermark? Watermark { get; private set; }

            public async IAsyncEnumerable<RecordBatch> ReadAsync(
                Position? from = null,
                [EnumeratorCancellation] CancellationToken cancellationToken = default)
            {
                await Task.Yield();
                var builder = new RecordBatchBuilder(Numbers);
                for (var n = start; n < source.Rows; n++)
                {
                    if (n >= source.Rows - source.MalformedRows)
                    {
                        _malformed.Add(new MalformedRow("growing", n, "text", "it is broken", $"{n};?"));
                        continue;
                    }

                    ((IntegerColumnBuilder)builder[0]).Append(n);
                    ((TextColumnBuilder)builder[1]).Append("text");
                }

                if (source.Fails) throw new MlOpsException("The line is down.");
                if (builder.Count > 0) yield return builder.Build();
                Watermark = new Watermark(source.Rows.ToString(CultureInfo.InvariantCulture));
            }

            public IReadOnlyList<MalformedRow> TakeMalformed()
            {
                MalformedRow[] taken = [.. _malformed];
                _malformed.Clear();
                return taken;
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
