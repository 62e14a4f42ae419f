using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Tests.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Hosting;

/// <summary>One process trains and promotes, another one serves.</summary>
[TestFixture]
public sealed class TwoProcessesTests
{
    private static readonly int WarmUp = LongForm.Of(many: 20, few: 10);

    private static readonly int Promotions = LongForm.Of(many: 10, few: 3);

    [Test]
    public async Task Serve_SwapsAndRollbacksUnderLoad_NoCallFailsOrIsMixedAndMemoryStays()
    {
        // Every tenth swap is a rollback. In its long form, the load takes about a minute.
        var swaps = LongForm.Of(many: 100, few: 12);
        using var folder = new TempFolder();
        using var trainer = await TrainAsync(folder);
        using var server = HostProcess.Start("serve-load", folder["workspace"]);
        Assert.That(await server.ReadLineAsync(), Is.EqualTo("ready"));

        var (calls, bytes) = (0L, new List<long>());
        for (var swap = -WarmUp; swap < swaps; swap++)
        {
            trainer.Continue();
            var promoted = long.Parse((await trainer.ReadLineAsync())!, System.Globalization.CultureInfo.InvariantCulture);
            var deadline = Stopwatch.GetTimestamp() + 60 * Stopwatch.Frequency;
            long[] told;
            do
            {
                server.Continue();
                told = [.. (await server.ReadLineAsync()).Split(' ').Select(long.Parse)];
            }
            while (told[0] != promoted && Stopwatch.GetTimestamp() < deadline);
            Assert.That(told[0], Is.EqualTo(promoted), $"swap {swap} arrives");
            calls = told[1];
            if (swap >= 0) bytes.Add(told[2]);
        }

        server.End();
        await server.FinishAsync();
        var quarter = swaps / 4;

        // A call in progress keeps its version, with its queue, for a moment: what stays is what every sample has.
        var (first, last) = (bytes.Take(quarter).Min(), bytes.TakeLast(quarter).Min());
        TestContext.Out.WriteLine(FormattableString.Invariant(
            $"{calls:N0} calls; {first:N0} managed bytes in the first quarter, {last:N0} in the last"));
        Assert.That(calls, Is.GreaterThan(1_000));
        Assert.That(last, Is.EqualTo(first).Within(LongForm.Of(many: 5, few: 30)).Percent, string.Join(", ", bytes));
    }

    [Test]
    public async Task Serve_AnotherProcessPromotesAgainAndAgain_NoCallFailsOrIsMixedAndEachVersionArrives()
    {
        using var folder = new TempFolder();
        using var trainer = await TrainAsync(folder);
        var builder = Host.CreateApplicationBuilder();
        builder.Services
            .AddMlOps(options =>
            {
                options.Workspace = folder["workspace"];
                options.PromotionInterval = TimeSpan.FromSeconds(1);
            })
            .AddEndpoint<UnlabelledSubscriber, Answer>("promoted");
        using var host = builder.Build();
        await host.StartAsync();
        var endpoint = host.Services.GetRequiredService<IEndpoint<UnlabelledSubscriber, Answer>>();
        using var stop = new CancellationTokenSource();
        var scores = new ConcurrentDictionary<int, double>();
        var row = new UnlabelledSubscriber(30, 40, "monthly", true);
        // Threads of their own: a pool of two processors may not begin the last ones before the promotions are over.
        var calls = Enumerable.Range(0, LongForm.Of(many: 16, few: 4)).Select(_ => Task.Factory.StartNew(() =>
        {
            long count = 0;
            for (; !stop.IsCancellationRequested; count++)
            {
                var answer = endpoint.Predict(row);
                if (scores.GetOrAdd(answer.Version, answer.Value.Score) != answer.Value.Score)
                {
                    throw new InvalidOperationException($"version {answer.Version} answered with another one's score");
                }
            }
            return count;
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();

        var lags = new List<TimeSpan>();
        for (var promotion = 0; promotion < Promotions; promotion++)
        {
            trainer.Continue();
            var version = int.Parse((await trainer.ReadLineAsync())!, System.Globalization.CultureInfo.InvariantCulture);
            var promoted = Stopwatch.GetTimestamp();
            Assert.That(
                () => endpoint.Predict(row).Version,
                Is.EqualTo(version).After(60_000, 10), $"promotion {promotion + 1} arrives");
            lags.Add(Stopwatch.GetElapsedTime(promoted));
        }

        await stop.CancelAsync();
        var answered = await Task.WhenAll(calls);
        await host.StopAsync();
        TestContext.Out.WriteLine(FormattableString.Invariant(
            $"{answered.Sum():N0} calls; lags {string.Join(", ", lags.Select(lag => $"{lag.TotalSeconds:0.00}"))} s, interval 1 s"));
        Assert.That(scores.Values.Distinct().Count(), Is.EqualTo(2), "the versions answer differently");
        Assert.That(answered, Has.All.Positive);
        Assert.That(lags.Order().ElementAt(Promotions / 2), Is.LessThan(TimeSpan.FromSeconds(2)), "the median, on a busy machine");
    }

    private static async Task<HostProcess> TrainAsync(TempFolder folder)
    {
        var csv = folder.Write("rows.csv", "age,spend,plan,abroad,left\n" + string.Concat(Subscriber.Draw(600, 1).Select(
            row => FormattableString.Invariant($"{row.Age},{row.Spend},{row.Plan},{row.Abroad},{row.Left}\n"))));
        var trainer = HostProcess.Start("promote-in-turn", folder["workspace"], csv);
        Assert.That(await trainer.ReadLineAsync(), Is.EqualTo("ready"));
        return trainer;
    }
}
