using System.Security.Cryptography;
using System.Text;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Collection;

[TestFixture]
public sealed class PersonalColumnsTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)(0x41 + i % 26))];

    [Test]
    public async Task Run_PersonalColumns_LeaveNoValueAndNoKeyInTheWorkspace()
    {
        using var folder = new TempFolder();
        using var files = new TempFolder();
        var csv = files.Write(
            "customers.csv",
            "id,email,name,amount\n1,ada@example.org,Ada Lovelace,1\n2,,Bob Builder,2\n3,ada@example.org,Carol Danvers,3\n");
        var schema = new Schema(
            new Field("id", ColumnType.Integer),
            new Field("email", ColumnType.Text),
            new Field("name", ColumnType.Text),
            new Field("amount", ColumnType.Number));
        LifecycleRun run;
        await using (var workspace = await Workspace.OpenAsync(folder.Path))
        {
            run = await Of(data => data.FromCsv(csv, options => options.Schema = schema)
                .Personal("email", PersonalTreatment.Hash(() => Key)).Personal("name", PersonalTreatment.Drop)).RunAsync(workspace);
            var rows = await workspace.Artifacts.ReadRowsAsync(run.Record.Stages[0].Outputs[CollectionStage.Rows], CancellationToken.None);
            var expected = Convert.ToHexStringLower(HMACSHA256.HashData(Key, "ada@example.org"u8));
            Assert.Multiple(() =>
            {
                Assert.That(rows.Schema.ToString(), Is.EqualTo("id: Integer, email: Text, amount: Number"));
                Assert.That(
                    Enumerable.Range(0, 3).Select(row => rows["email"].GetText(row)),
                    Is.EqualTo(new[] { expected, null, expected }));
                Assert.That(PersonalData.Hash("ada@example.org", Key), Is.EqualTo(expected));
                Assert.That(run.Collection!.Personal, Has.Count.EqualTo(2));
                Assert.That(run.Collection.Personal[1], Is.EqualTo("name: dropped"));
            });
        }

        Assert.That(
            Holds(folder.Path, "customers.csv") && Holds(folder.Path, PersonalData.Hash("ada@example.org", Key)),
            Is.True,
            "what is stored can be searched");
        foreach (var secret in new[]
        {
            "@example.org", "Lovelace", "Builder", "Danvers", Encoding.ASCII.GetString(Key), Convert.ToBase64String(Key)[..20],
            Convert.ToHexStringLower(Key)[..20], Convert.ToHexString(Key)[..20]
        })
        {
            Assert.That(Holds(folder.Path, secret), Is.False, secret);
        }
    }

    [Test]
    public async Task Run_MalformedRowsAndNotesOfAPersonalSource_AreKeptWithoutTheirText()
    {
        using var folder = new TempFolder();
        var source = new NumberedSource { Rows = 3, Malformed = "dan@example.org;x" };
        await using (var workspace = await Workspace.OpenAsync(folder.Path))
        {
            var run = await Of(data => data
                .From(source)
                .Malformed(MalformedRows.Quarantine, 0.5)
                .Personal("text", PersonalTreatment.Hash(() => Key)))
                .RunAsync(workspace);
            var malformed = run.Collection!.MalformedExamples.Single();
            Assert.That(
                (malformed.Line, malformed.Column, malformed.Text),
                Is.EqualTo((4, "text", "(not stored, because columns are marked as personal)")));
            Assert.That(run.Collection.Notes.Single(), Does.StartWith("The notes of the sources about their content (1 sentence)"));
            Assert.That(run.Record.Stages[0].Outputs.ContainsKey(CollectionStage.Malformed), Is.True);
        }

        Assert.That(Holds(folder.Path, "dan@"), Is.False);
    }

    [Test]
    public async Task Run_FailsOnAValueOfAPersonalSource_MessageSaysWhereAndNotWhat()
    {
        using var folder = new TempFolder();
        using var files = new TempFolder();
        var csv = files.Write("customers.csv", "email,amount\nada@example.org,1\n5,eve@example.org\n");
        var schema = new Schema(new Field("email", ColumnType.Text), new Field("amount", ColumnType.Number));
        await using (var workspace = await Workspace.OpenAsync(folder.Path))
        {
            var lifecycle = Of(
                data => data.FromCsv(csv, options => options.Schema = schema).Personal("email", PersonalTreatment.Hash(() => Key)));
            var failure = await Assert.CatchAsync<MlOpsException>(async () => await lifecycle.RunAsync(workspace));
            Assert.That((failure.Line, failure.Column), Is.EqualTo((3, "amount")));
            Assert.That(failure.ToString(), Does.Not.Contain("eve@"));
        }

        Assert.That(Holds(folder.Path, "eve@"), Is.False);
    }

    [Test]
    public async Task Run_SourceThatBreaksForAnotherReason_MessageIsHidden()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = Of(data => data.FromObjects(Broken(), "broken").Personal("text", PersonalTreatment.Drop));

        var failure = await Assert.CatchAsync<MlOpsException>(async () => await lifecycle.RunAsync(workspace));

        Assert.That(failure.Message, Does.Contain("FormatException"));
        Assert.That(failure.ToString(), Does.Not.Contain("ada@"));

        static async IAsyncEnumerable<Note> Broken()
        {
            yield return new Note(1, "x");
            await Task.Yield();
            throw new FormatException("ada@example.org is no date");
        }
    }

    [Test]
    public async Task Run_TokenizedColumn_HoldsTokensOnly()
    {
        using var folder = new TempFolder();
        using var files = new TempFolder();
        var csv = files.Write("customers.csv", "email,amount\nada@example.org,1\n,2\nada@example.org,3\n");
        await using (var workspace = await Workspace.OpenAsync(folder.Path))
        {
            var run = await Of(data => data.FromCsv(csv).Personal("email", PersonalTreatment.Tokenize(() => Key))).RunAsync(workspace);
            var rows = await workspace.Artifacts.ReadRowsAsync(run.Record.Stages[0].Outputs[CollectionStage.Rows], CancellationToken.None);
            var token = PersonalData.Tokenize("ada@example.org", Key);
            Assert.That(Enumerable.Range(0, 3).Select(row => rows["email"].GetText(row)), Is.EqualTo(new[] { token, null, token }));
            Assert.That(PersonalData.Detokenize(token, Key), Is.EqualTo("ada@example.org"));
            Assert.That(run.Collection!.Personal.Single(), Does.Match("^email: tokenized \\(key [0-9a-f]{16}\\)$"));
        }

        Assert.That(Holds(folder.Path, "@example.org"), Is.False);
    }

    [Test]
    public async Task Run_PersonalFolderNames_AreRefused()
    {
        using var folder = new TempFolder();
        using var files = new TempFolder();
        Directory.CreateDirectory(Path.Combine(files.Path, "name=Ada"));
        files.Write("name=Ada/a.csv", "n,n\n1\n");
        await using (var workspace = await Workspace.OpenAsync(folder.Path))
        {
            var lifecycle = Of(data => data
                .FromFolder(files.Path, "**/*.csv", file => DataSources.Csv(file))
                .Personal("name", PersonalTreatment.Hash(() => Key)));
            var failure = await Assert.CatchAsync<MlOpsException>(async () => await lifecycle.RunAsync(workspace));
            Assert.That(failure.ToString(), Does.Contain("part of the paths of the files").And.Not.Contain("Ada"));
        }

        Assert.That(Holds(folder.Path, "name=Ada"), Is.False);
    }

    [Test]
    public async Task Run_HeaderlessPersonalFile_NoMessageQuotesItsFirstRow()
    {
        using var folder = new TempFolder();
        using var files = new TempFolder();
        var csv = files.Write("a.csv", "ada@example.org,1\neve@example.org,2\n");
        var other = files.Write("b.csv", "bob@example.org,1\neve@example.org,2\n");
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var wrapped = new Func<IDataSource>[]
        {
            () => DataSources.Csv(csv).Concat(DataSources.Csv(files.Write("d.csv", "email,n\nx@example.org,1\n"))),
            () => DataSources.Csv(csv).Join(DataSources.Csv(files.Write("d.csv", "email,n\nx@example.org,1\n")), ["email"]),
            () => DataSources.Csv(files.Write("d.csv", "email,n\nx@example.org,1\n")).Join(DataSources.Csv(csv), ["email"]),
        };
        foreach (var create in wrapped)
        {
            var hidden = await Assert.CatchAsync<MlOpsException>(
                async () => await Of(data => data.From(create()).Personal("email", PersonalTreatment.Drop)).RunAsync(workspace));
            Assert.That(hidden.ToString(), Does.Not.Contain("@example"));
        }

        var header = files.Write("c.csv", "email,n\nada@example.org,1\n");
        var after = await Assert.CatchAsync<MlOpsException>(async () =>
            await Of(data => data.FromCsv(header).FromCsv(other).Personal("email", PersonalTreatment.Drop)).RunAsync(workspace));
        Assert.That(after.ToString(), Does.Contain("HasHeader").And.Contain("b.csv").And.Not.Contain("@example"), "a later source, too");
        foreach (var columns in new[] { new[] { "email" }, ["n"], [] })
        {
            var lifecycle = Of(data => data
                .FromCsv(csv, read: read => { if (columns.Length > 0) read.Columns(columns); })
                .FromCsv(other).Personal("email", PersonalTreatment.Drop));
            var failure = await Assert.CatchAsync<MlOpsException>(async () => await lifecycle.RunAsync(workspace));
            Assert.That(failure.ToString() + failure.Remedy, Does.Contain("HasHeader").And.Not.Contain("@example"));
        }
    }

    [Test]
    public async Task Run_SameKey_IsReused_AnotherKey_IsNot()
    {
        using var folder = new TempFolder();
        using var files = new TempFolder();
        var csv = files.Write("a.csv", "email,n\nada@example.org,1\n");
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        Lifecycle With(byte[] key) => Of(data => data.FromCsv(csv).Personal("email", PersonalTreatment.Hash(() => key, 16)));

        await With(Key).RunAsync(workspace);
        var same = await With([.. Key]).RunAsync(workspace);
        var other = await With([.. Key.Reverse()]).RunAsync(workspace);

        Assert.That(same.Record.Stages[0].State, Is.EqualTo(StageState.Reused));
        Assert.That(other.Record.Stages[0].State, Is.EqualTo(StageState.Succeeded));
    }

    [Test]
    public async Task Run_ColumnsThatCannotBeTreated_AreMistakes()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        async Task<string> FailAsync(Action<CollectionBuilder> configure)
        {
            var failure = await Assert.CatchAsync<MlOpsException>(
                async () => await Of(data => configure(data.FromObjects([new Note(1, "x")]))).RunAsync(workspace));
            return $"{failure.Message} {failure.Remedy}";
        }

        Assert.That(
            await FailAsync(data => data.Personal("txt", PersonalTreatment.Drop)),
            Does.Contain("'txt'").And.Contain("header").And.Not.Contain("'text'"));
        Assert.That(
            await FailAsync(data => data.Personal("text", PersonalTreatment.Drop).Personal("number", PersonalTreatment.Drop)),
            Does.Contain("Every column is dropped"));
        Assert.That(await FailAsync(data => data.Personal("text", PersonalTreatment.Hash(() => new byte[8]))), Does.Contain("8 bytes"));
        Assert.That(
            await FailAsync(
                data => data.Personal("text", PersonalTreatment.Hash(() => throw new InvalidOperationException("password=hunter2")))),
            Does.Contain("InvalidOperationException").And.Not.Contain("hunter2"));
        Assert.That(() => PersonalTreatment.Hash(() => Key, 15), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => Of(data => data
                .FromObjects([new Note(1, "x")])
                .Personal("text", PersonalTreatment.Drop)
                .Personal("text", PersonalTreatment.Drop)),
            Throws.InstanceOf<MlOpsException>());
    }

    [Test]
    public async Task Run_EarlierRowsTreatedOtherwise_AreRefused()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var source = new NumberedSource();
        Lifecycle Growing(bool personal) => Of(data =>
        {
            data.From(source, read => read.OnlyNew()).KeepEarlierRows();
            if (personal) data.Personal("text", PersonalTreatment.Hash(() => Key));
        });

        await Growing(false).RunAsync(workspace);
        source.Rows = 4;
        var failure = await Assert.CatchAsync<MlOpsException>(async () => await Growing(true).RunAsync(workspace));

        Assert.That(failure.Message, Does.Contain("treated differently"));
    }

    // What a step looks up is raw where the rows are hashed.
    [TestCase("email,size\nCANARY@x.org,1\nCANARY@x.org,2\n", "join")]
    [TestCase("email,size\nCANARY@x.org,1\nb@x.org,CANARY\n", "join")]
    [TestCase("email,size\nCANARY@x.org\n", "join")]
    [TestCase("email,size\nCANARY@x.org,1\n\"CANARY\n", "join")]
    [TestCase("CANARY,size\na,1\n", "join")]
    [TestCase("email,size\nCANARY@x.org,1\nCANARY@x.org,CANARY\n", "point in time")]
    [TestCase("email,size\nCANARY@x.org,1\nb@x.org,CANARY\n", "reference")]
    [TestCase("email,size\nCANARY@x.org\n", "reference")]
    [TestCase("email,size\nCANARY@x.org,1\nCANARY@x.org,2\n", "collected join")]
    [TestCase("email,size\nCANARY@x.org,CANARY\n", "collected concat")]
    [TestCase("CANARY,size\na,1\n", "collected concat")]
    [TestCase("CANARY,size\na,1\n", "collected")]
    [TestCase("email,size\nCANARY@x.org,CANARY\n", "collected")]
    public async Task Run_ReferenceOfAPersonalColumnThatCannotBeUsed_SaysNoneOfItsValues(string text, string use)
    {
        using var folder = new TempFolder();
        using var files = new TempFolder();
        var customers = files.Write("customers.csv", "email,size,left\na@x.org,1,Yes\nb@x.org,2,No\n");
        var other = DataSources.Csv(
            files.Write("other.csv", text),
            csv => csv.Schema = new Schema(new Field("email", ColumnType.Text), new Field("size", ColumnType.Integer)));
        var lifecycle = LifecycleBuilder.Create("personal")
            .DefineProblem(problem => problem.BinaryClassification("left", positive: "Yes"))
            .CollectData(data => data
                .From(use switch
                {
                    "collected join" => DataSources.Csv(customers).Join(other, ["email"], prefix: "other_"),
                    "collected" => other,
                    "collected concat" => DataSources.Csv(customers).Concat(other),
                    _ => DataSources.Csv(customers)
                })
                .Personal("email", PersonalTreatment.Hash(() => Key)))
            .ProcessData(data => _ = use switch
            {
                "join" => data.Join(other, ["email"], prefix: "other_"),
                "point in time" => data.PointInTimeJoin(other, ["email"], "size", "size"),
                "reference" => data.Expect(rows => rows.Column("size").OccursIn(other, "size")),
                _ => data
            })
            .Build();
        await using var workspace = await Workspace.OpenAsync(folder.Path);

        var failure = await Assert.CatchAsync<MlOpsException>(async () => await lifecycle.RunAsync(workspace));

        Assert.That(failure.ToString(), Does.Not.Contain("CANARY"));
        Assert.That(Holds(folder.Path, "CANARY"), Is.False);
    }

    private static Lifecycle Of(Action<CollectionBuilder> configure) => LifecycleBuilder.Create("personal").CollectData(configure).Build();

    private static bool Holds(string folder, string text) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Any(file => File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0);

    private sealed record Note(int Number, string Text);

    private sealed class NumberedSource : IDataSource
    {
        public int Rows { get; set; } = 2;

        public string? Malformed { get; init; }

        public string Name => "numbered";

        public ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult<IDataScan>(new Scan(
                Rows,
                Malformed,
                request.After is { } after ? int.Parse(after.Value, System.Globalization.CultureInfo.InvariantCulture) : 0));

        private sealed class Scan(int rows, string? malformed, int start) : IDataScan
        {
            public Schema Schema { get; } = new(new Field("text", ColumnType.Text));

            public ContentVersion? Version => null;

            public bool IsRepeatable => false;

            public Watermark? Watermark => new(rows.ToString(System.Globalization.CultureInfo.InvariantCulture));

            public IReadOnlyList<string> Notes { get; } = malformed is null ? [] : [$"Look at {malformed}."];

            public IReadOnlyList<MalformedRow> TakeMalformed()
            {
                MalformedRow[] taken = malformed is null
                    ? []
                    : [new MalformedRow("numbered", rows + 1, "text", $"'{malformed}' does not fit.", malformed)];
                malformed = null;
                return taken;
            }

            public async IAsyncEnumerable<RecordBatch> ReadAsync(
                Position? from = null,
                [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
            {
                await Task.Yield();
                var builder = new RecordBatchBuilder(Schema);
                for (var i = start; i < rows; i++) ((TextColumnBuilder)builder[0]).Append($"row {i}");
                if (builder.Count > 0) yield return builder.Build();
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
