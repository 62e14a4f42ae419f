using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.ML;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tests;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// Calls go on while versions are swapped: a built-in model, one of ML.NET that the core computes, and a pipeline that only ML.NET can
/// compute, blessed one after the other under one name.
/// </summary>
internal sealed class HotSwapTests
{
    private const string Model = "customers";
    private const int Callers = 16;
    private static readonly int Swaps = LongForm.Of(many: 100, few: 20);
    private const int CallsDuringSwap = 20;

    private static readonly Dataset s_rows = PipelineRows.Only(
        PipelineRows.Create(1500), "tenure", "visits", "member", "contract", "review", "churn");

    [Test]
    public async Task Predict_From16ThreadsDuringSwaps_NeverFailsNeverMixesAndKeepsNothing()
    {
        var ledger = new ModelLedger();
        await using var temporary = await TemporaryWorkspace.OpenAsync(options => options.UseMicrosoftML());
        await BlessAsync(temporary.Workspace);
        await using var workspace = await Workspace.OpenAsync(temporary.Path, options => options.UseMicrosoftML());
        ledger.Watch(workspace.Readers);
        var versions = await VersionsAsync(workspace);
        var expected = await ExpectedAsync(workspace, versions);
        var readBefore = ledger.Read;
        Assert.That(ledger.Alive, Is.Zero);

        var (failures, seen) = await SwapAsync(workspace, versions, expected, ledger);

        Assert.That(failures, Is.Empty);
        Assert.That(ledger.Violations, Is.Empty);
        Assert.That(ledger.Read - readBefore, Is.EqualTo(Swaps + 1), "The first version, and one for each swap.");
        for (var version = 1; version <= versions.Length; version++)
        {
            Assert.That(seen.Select(counts => counts[version]), Is.All.AtLeast(Swaps / versions.Length), $"answers of version {version}");
        }

        Assert.That(ledger.Alive, Is.EqualTo(1), "The live version.");
        Assert.That(ledger.StatesMade, Is.GreaterThan(Swaps));
        Assert.That(ledger.StatesAlive, Is.InRange(1, 4 * Environment.ProcessorCount + Callers), "Only those of the live version.");

        // Its recorder goes with a version, as soon as what it holds is stored. The flush itself may still be on this stack.
        await workspace.Monitor(Model).FlushAsync();
        await Task.Yield();
        Assert.That(ledger.InMemory(1), Is.EqualTo(1), "Nothing refers to a version that was live.");
        var dropped = Enumerable.Range(1, versions.Length).Sum(workspace.Monitor(Model).DroppedBy);
        Assert.That(
            await workspace.MonitoringServices.Predictions.CountAsync(Model) + dropped,
            Is.EqualTo(seen.Sum(counts => counts.Sum())),
            "stored, or dropped and counted");
        await workspace.DisposeAsync();
        Assert.That((ledger.Alive, ledger.StatesAlive), Is.EqualTo((0, 0)));
        Assert.That(ledger.Violations, Is.Empty);
    }

    // Each is shown to be better than the one before: on two columns that say nothing, on one that does, and on all numbers.
    private static async Task BlessAsync(Workspace workspace)
    {
        await RunAsync(workspace, builder => builder
            .EngineerFeatures(features => features.Numeric(["visits", "member"]))
            .TrainModel(training => training.Try(Trainers.GradientBoosting(o => o.Trees = 8)).CrossValidate(2).Trials(0)));
        await RunAsync(workspace, builder => builder
            .EngineerFeatures(features => features.Numeric(["tenure"]))
            .TrainModel(training => training
                .Try(MicrosoftML.FastTree(o => (o.Trees, o.Leaves) = (15, 6))).CrossValidate(2).Trials(0)));
        await RunAsync(workspace, builder => builder
            .TrainModel(training => training
                .TryPipeline(MicrosoftML.Pipeline("trees", "1", PipelineSamples.Trees)).CrossValidate(2)));
    }

    private static async Task RunAsync(Workspace workspace, Action<LifecycleBuilder> train)
    {
        var builder = LifecycleBuilder.Create(Model)
            .DefineProblem(problem => problem.BinaryClassification("churn", positive: "yes"))
            .CollectData(data => data.From(new DatasetSource(s_rows)))
            .ProcessData(data => data.Split(test: 0.4))
            .DefineMetrics(metrics => metrics.Optimize(Metric.RocAuc))
            .DeployModel(deployment => deployment.ToProcess());
        train(builder);
        var run = await builder.Build().RunAsync(workspace);
        Assert.That(run.Deployment!.IsDeployed, run.Deployment.Reason);
    }

    private static async Task<DesiredDeployment[]> VersionsAsync(Workspace workspace)
    {
        var versions = new List<DesiredDeployment>();
        for (var version = 1; version <= 3; version++)
        {
            var blessed = await workspace.Models.GetBlessedAsync(Model, version);
            versions.Add(await BlessedModels.DesiredAsync(workspace, blessed, Model));
        }

        return [.. versions];
    }

    // What each version alone says of each row.
    private static async Task<double[][]> ExpectedAsync(Workspace workspace, DesiredDeployment[] versions)
    {
        var expected = new double[versions.Length + 1][];
        var kinds = new List<Type>();
        foreach (var version in versions)
        {
            using var package = await workspace.ReadPackageAsync(version.Model.Version);
            kinds.Add(((object?)(package.Model as WatchedModel)?.Inner ?? ((WatchedRowModel)package.RowModel!).Inner).GetType());
            using var scorer = new ModelScorer(package.Graph, package.Parts.Model, rules: null);
            expected[version.Model.Version.Version] = scorer.Score(s_rows);
        }

        Assert.That(kinds, Is.EqualTo(new[] { typeof(GradientBoostingModel), typeof(TreesModel), typeof(PipelineModel) }));
        return expected;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<(string[] Failures, int[][] Seen)> SwapAsync(
        Workspace workspace, DesiredDeployment[] versions, double[][] expected, ModelLedger ledger)
    {
        // Where the versions differ, so that no answer can be that of another.
        int[] rows =
        [
            .. Enumerable.Range(0, s_rows.RowCount)
                .Where(row => expected.Skip(1).Select(scores => scores[row]).Distinct().Count() == versions.Length)
                .Take(200),
        ];
        Assert.That(rows, Has.Length.EqualTo(200));
        var customers = Array.ConvertAll(rows, Of);
        var named = Array.ConvertAll(customers, Named);
        var (typed, dynamic) = (workspace.Endpoint<Customer, double>(Model), workspace.Endpoint(Model));
        var failures = new ConcurrentQueue<string>();
        using var failed = new CancellationTokenSource();
        using var rounds = new SwapRounds(Callers);
        await workspace.Process.ApplyAsync(versions[0]);
        rounds.Begin(1);
        var first = rounds.Current;
        var seen = Enumerable.Range(0, Callers).Select(_ => new int[versions.Length + 1]).ToArray();
        var threads = Enumerable.Range(0, Callers).Select(caller => new Thread(() => Call(caller))).ToArray();
        foreach (var thread in threads) thread.Start();
        try
        {
            rounds.Current.WaitForAnswers(failed.Token);
            for (var swap = 1; swap <= Swaps; swap++)
            {
                // Calls are under way now: each caller goes on for some after its first answer.
                var next = versions[swap % versions.Length];
                await workspace.Process.ApplyAsync(next);
                rounds.Begin(next.Model.Version.Version);
                rounds.Current.WaitForAnswers(failed.Token);

                // Each caller has had an answer since the swap, so no call is under way on what was live before.
                if (ledger.Alive != 1) failures.Enqueue($"{ledger.Alive} models after swap {swap}");
            }
        }
        catch (OperationCanceledException)
        {
            // A caller failed and says why.
        }
        finally
        {
            rounds.End();
            foreach (var thread in threads) thread.Join();
        }

        return ([.. failures], seen);

        void Call(int caller)
        {
            try
            {
                var i = caller;
                for (var round = first; round is not null; round = round.WaitForNext())
                {
                    // The call begins after the swap, and the next swap waits for its answer.
                    var version = Ask(caller, i++);
                    if (version != round.Version)
                    {
                        throw new InvalidOperationException($"version {version} while {round.Version} was live");
                    }
                    round.Answered();
                    for (var call = 0; call < CallsDuringSwap; call++) Ask(caller, i++);
                }
            }
            catch (Exception e)
            {
                failures.Enqueue($"caller {caller}: {e}");
                failed.Cancel();
            }
        }

        int Ask(int caller, int i)
        {
            var row = i % rows.Length;
            double score;
            int version;
            if (caller % 2 == 0)
            {
                var answer = typed.Predict(customers[row]);
                (score, version) = (answer.Value, answer.Version);
            }
            else
            {
                var answer = dynamic.Predict(named[row]);
                (score, version) = (answer.Value.Score, answer.Version);
            }

            seen[caller][version]++;
            return BitConverter.DoubleToInt64Bits(score) == BitConverter.DoubleToInt64Bits(expected[version][rows[row]])
                ? version
                : throw new InvalidOperationException($"{score} of version {version}, not {expected[version][rows[row]]}");
        }
    }

    private static Customer Of(int row) => new(
        s_rows["tenure"].IsNull(row) ? null : s_rows["tenure"].GetNumber(row),
        ((IntegerColumn)s_rows["visits"]).Values[row],
        ((BooleanColumn)s_rows["member"]).Values[row],
        s_rows["contract"].GetText(row),
        s_rows["review"].GetText(row));

    private static Dictionary<string, object?> Named(Customer row) => new()
    {
        ["tenure"] = row.Tenure,
        ["visits"] = row.Visits,
        ["member"] = row.Member,
        ["contract"] = row.Contract,
        ["review"] = row.Review,
    };
}
