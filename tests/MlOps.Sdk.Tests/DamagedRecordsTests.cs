using Dapper;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>Whatever stands in a row, whoever reads it is told so, or reads what was written.</summary>
[TestFixture]
public sealed class DamagedRecordsTests
{
    private static readonly TempFolder s_folder = new();
    private static string s_expected = "";

    [OneTimeSetUp]
    public static async Task Fill()
    {
        await using var workspace = await Workspace.OpenAsync(s_folder["whole"]);
        await Lifecycle().RunAsync(workspace);
        SampleLifecycle.Serve(workspace, Subscriber.Draw(300, seed: 9, shifted: true));
        await workspace.Monitor(SampleLifecycle.Name).CheckAsync();
        s_expected = string.Join("|", await ReadRegistryAsync(workspace));
    }

    [OneTimeTearDown]
    public static void Remove() => s_folder.Dispose();

    [TestCase("UPDATE runs SET state = 'S}cceeded'", "run '")]
    [TestCase("UPDATE runs SET started_at = 9223372036854775807", "run '")]
    [TestCase("UPDATE runs SET seed = 'x'", "record")]
    [TestCase("UPDATE run_stages SET state = 'Suc'", "run '")]
    [TestCase("UPDATE run_stages SET outputs = '{\"a\":'", "run '")]
    [TestCase("UPDATE run_stages SET outputs = '{\"rows\":\"xyz\"}'", "run '")]
    [TestCase("UPDATE run_stages SET elapsed = 'abc'", "record")]
    [TestCase("UPDATE model_versions SET metrics = '{'", "version 1 of 'subscribers'")]
    [TestCase("UPDATE model_versions SET package = 'zz'", "version 1 of 'subscribers'")]
    [TestCase("UPDATE model_versions SET created_at = -5", "version 1 of 'subscribers'")]
    [TestCase("UPDATE blessings SET gates = '[null]'", "attestation")]
    [TestCase("UPDATE blessings SET gates = 'null'", "attestation")]
    [TestCase("UPDATE blessings SET gates = replace(gates, 'Passed', 'Passec')", "attestation")]
    [TestCase("UPDATE blessings SET issued_at = 9223372036854775807", "attestation")]
    [TestCase("UPDATE alias_history SET at = -1", "move of the alias")]
    [TestCase("UPDATE desired_routes SET package = ''", "route")]
    [TestCase("UPDATE holdout_looks SET at = -1", "look 1")]
    [TestCase("UPDATE verdicts SET report = 'null'", "report of 'subscribers'")]
    [TestCase("UPDATE verdicts SET report = '{]'", "report of 'subscribers'")]
    public async Task Read_RowIsDamaged_SaysWhichAndWhatToDo(string sql, string record)
    {
        var failures = new List<Exception>();
        await foreach (var failure in ReadAllAsync(sql)) failures.Add(failure);

        Assert.That(failures, Is.Not.Empty);
        Assert.That(failures, Is.All.InstanceOf<MlOpsException>());
        Assert.That(
            failures.OfType<MlOpsException>().Where(failure => failure.Message.Contains(record, StringComparison.Ordinal)
                && failure.Message.Contains("damaged", StringComparison.Ordinal)
                && failure.Remedy!.Contains("backup", StringComparison.Ordinal)),
            Is.Not.Empty,
            string.Join(Environment.NewLine, failures.Select(failure => failure.Message)));
    }

    [TestCase("UPDATE stage_results SET outputs = '{\"a\":'")]
    [TestCase("UPDATE stage_results SET outputs = 'null', inputs = '[[]]'")]
    [TestCase("UPDATE stage_results SET inputs = 'x', saved_at = -1")]
    public async Task Run_SavedResultsAreDamaged_MakesThemAgain(string sql)
    {
        await using var workspace = await CopyAsync(sql);

        var run = await Lifecycle().RunAsync(workspace);

        Assert.That(run.Record.Stages.Select(stage => stage.State), Is.All.EqualTo(StageState.Succeeded));
        Assert.That(run.Deployment!.Version, Is.EqualTo(1));
    }

    [Test]
    public async Task Read_RandomBytesOfTheFileAreFlipped_IsAnErrorOfTheLibraryOrTheSameAnswer()
    {
        var random = new Random(1);
        var outcomes = (Refused: 0, Same: 0);
        for (var round = 0; round < 60; round++)
        {
            var folder = s_folder[$"flipped-{round}"];
            Copy(folder);
            var bytes = await File.ReadAllBytesAsync(Path.Combine(folder, "mlops.db"));
            for (var flips = 0; flips < 5;)
            {
                var at = random.Next(100, bytes.Length);
                if (bytes[at] == 0) continue;
                bytes[at] ^= (byte)(1 << random.Next(8));
                flips++;
            }

            await File.WriteAllBytesAsync(Path.Combine(folder, "mlops.db"), bytes);
            try
            {
                await using var workspace = await Workspace.OpenAsync(folder);
                if (!(await workspace.Audit.VerifyAsync()).IsIntact)
                {
                    outcomes.Refused++;
                    continue;
                }
                var answer = string.Join("|", await ReadRegistryAsync(workspace));
                await workspace.Runs.ListAsync();
                await workspace.ServeAsync(SampleLifecycle.Name);
                Assert.That(answer, Is.EqualTo(s_expected), $"round {round}: other answers than were stored");
                outcomes.Same++;
            }
            catch (MlOpsException)
            {
                outcomes.Refused++;
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        Assert.That(outcomes.Refused, Is.GreaterThan(0));
        Assert.That(outcomes.Same, Is.GreaterThan(0));
    }

    private static Lifecycle Lifecycle() => SampleLifecycle.Begin(Subscriber.Draw(400, seed: 1)).Deployed().Monitored().Build();

    private static async Task<List<string>> ReadRegistryAsync(Workspace workspace)
    {
        var read = new List<string>();
        foreach (var version in await workspace.Models.ListAsync(SampleLifecycle.Name))
        {
            read.Add($"{version.PackageId} {version.ContentHash} {version.RunId} {string.Join(",", version.Metrics)}");
            foreach (var blessing in await workspace.Models.BlessingsAsync(SampleLifecycle.Name, version.Version))
            {
                read.Add($"{blessing.IsBlessed} {blessing.Actor} {string.Join(",", blessing.Gates)}");
            }
        }

        read.AddRange((await workspace.Models.AliasHistoryAsync(SampleLifecycle.Name, "champion")).Select(move => $"{move}"));
        read.Add($"{(await workspace.Models.FindByAliasAsync(SampleLifecycle.Name, "champion"))?.Version}");
        return read;
    }

    private static async IAsyncEnumerable<Exception> ReadAllAsync(string sql)
    {
        await using var workspace = await CopyAsync(sql);
        var models = workspace.Models;
        foreach (var read in new Func<Task>[]
        {
            () => workspace.Runs.ListAsync(),
            () => workspace.Runs.LatestAsync(SampleLifecycle.Name),
            () => workspace.Runs.ListAsync(state: RunState.Succeeded),
            () => models.ListAsync(SampleLifecycle.Name),
            () => models.GetAsync(SampleLifecycle.Name, 1),
            () => models.BlessingsAsync(SampleLifecycle.Name, 1),
            () => models.GetBlessedAsync(SampleLifecycle.Name, 1),
            () => models.AliasHistoryAsync(SampleLifecycle.Name, "champion"),
            () => models.AliasesAsync(SampleLifecycle.Name),
            () => models.RouteAsync(SampleLifecycle.Name, "champion"),
            () => workspace.Holdout.ListAsync(SampleLifecycle.Name),
            () => workspace.Monitor(SampleLifecycle.Name).ReportsAsync(),
            () => workspace.ServeAsync(SampleLifecycle.Name),
            () => models.RollbackAsync(SampleLifecycle.Name, "x", version: 1),
            () => Lifecycle().RunAsync(workspace, new RunOptions { Reuse = false }),
        })
        {
            Exception? failure = null;
            try
            {
                await read();
            }
            catch (Exception e)
            {
                failure = e;
            }

            if (failure is not null) yield return failure;
        }
    }

    private static async Task<Workspace> CopyAsync(string sql)
    {
        var folder = s_folder[Guid.NewGuid().ToString("N")];
        Copy(folder);
        var workspace = await Workspace.OpenAsync(folder);
        await workspace.Store.WriteAsync(connection => { connection.Execute(sql); });
        return workspace;
    }

    private static void Copy(string to)
    {
        foreach (var file in Directory.EnumerateFiles(s_folder["whole"], "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(s_folder["whole"], file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
