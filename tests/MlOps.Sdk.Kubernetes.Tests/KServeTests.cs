using System.Text.Json.Nodes;
using MlOps.Sdk.Deployment;
using NUnit.Framework;

namespace MlOps.Sdk.Kubernetes.Tests;

/// <summary>Versions as revisions of an InferenceService.</summary>
[TestFixture]
internal sealed class KServeTests : KubernetesFixture
{
    private const string Path = "/apis/serving.kserve.io/v1beta1/namespaces/models/inferenceservices/churn";
    private const string Mark = "mlops.sdk/workspace";

    [Test]
    public async Task ApplyAsync_NextVersion_AnswersTheGoldenRowsWithoutCallsAndGetsThemInSteps()
    {
        var target = Create();
        await target.ApplyAsync(First);
        var before = Bench.Server.Calls.Count;
        var began = Bench.Time.GetUtcNow();

        await target.ApplyAsync(Second);

        var calls = Bench.Server.Calls.Skip(before).ToList();
        var verified = calls.FindIndex(call => call.Contains("churn-predictor-00002-private:http/proxy/", StringComparison.Ordinal));
        Assert.Multiple(() =>
        {
            Assert.That(Steps(), Is.EqualTo(new int?[] { 0, null, 0, 10, 50, null }));
            Assert.That(calls.Take(verified).Count(call => call == $"PATCH {Path}"), Is.EqualTo(1), "before the first step");
            Assert.That(Bench.Time.GetUtcNow() - began, Is.InRange(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(11)));
            Assert.That(Traffic(), Is.EqualTo("churn-predictor-00002 100"));
            Assert.That(Bench.Server.Objects, Has.Count.EqualTo(1), "KServe makes the rest");
            Assert.That(AnnotationsOf()[Mark]!.GetValue<string>(), Is.EqualTo(Workspace.Id));
        });
        Assert.That((await target.ObserveAsync("churn")).Version, Is.EqualTo(2));
    }

    [Test]
    public async Task ObserveAsync_InAStep_IsNotInSync()
    {
        var target = Create();
        await target.ApplyAsync(First);
        await StepAndKillAsync(10);

        Assert.That((await target.ObserveAsync("churn")).Version, Is.Null);
    }

    [Test]
    public async Task ApplyAsync_AnswersOtherwise_NoCallEverReachesIt()
    {
        var target = Create();
        await target.ApplyAsync(First);
        Bench.Error = 1e-9;

        Assert.That(
            async () => await target.ApplyAsync(Second), Throws.TypeOf<MlOpsException>().With.Message.Contains("Golden score 0"));

        Assert.That(Steps(), Is.EqualTo(new int?[] { 0, null, 0, 0, null }), "it never had more than none");
        await IsServedAsync(target, 1);
    }

    [Test]
    public async Task ApplyAsync_FirstVersionAnswersOtherwise_LeavesNothing()
    {
        Bench.Error = 0.5;

        Assert.That(async () => await Create().ApplyAsync(First), Throws.TypeOf<MlOpsException>());

        Assert.That(Bench.Server.Objects, Is.Empty);
    }

    [Test]
    public async Task ObserveAsync_FirstVersionWasNotVerifiedYet_DoesNotCount()
    {
        Bench.Server.Instead = call => call.Contains("/proxy/", StringComparison.Ordinal) ? (403, "{}") : null;
        Bench.Server.Breaks = (call, _) => call.StartsWith("DELETE", StringComparison.Ordinal);
        Assert.That(async () => await Create().ApplyAsync(First), Throws.TypeOf<MlOpsException>());

        Assert.That((await Create().ObserveAsync("churn")).Version, Is.Null);
        (Bench.Server.Breaks, Bench.Server.Instead) = ((_, _) => false, _ => null);
        await Create().ApplyAsync(First);
        await IsServedAsync(Create(), 1);
    }

    [Test]
    public async Task ApplyAsync_ServedVersionAnswersOtherwise_StaysAndIsSaid()
    {
        var target = Create();
        await target.ApplyAsync(First);
        Bench.Error = 0.5;

        Assert.That(async () => await target.ApplyAsync(First), Throws.TypeOf<MlOpsException>().With.Message.Contains("Golden score"));

        await IsServedAsync(target, 1);
    }

    [Test]
    public async Task ApplyAsync_StepBreaks_GoesBackToTheOld()
    {
        var target = Create();
        await target.ApplyAsync(First);
        Bench.Server.Breaks = (call, isAfter) =>
        {
            if (isAfter && call == $"PATCH {Path}" && Steps()[^1] == 10) Bench.Server.Broken.Add("churn-predictor-00002");
            return false;
        };

        Assert.That(
            async () => await target.ApplyAsync(Second),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("did not stay available with 10 % of the calls"));

        await IsServedAsync(target, 1);
    }

    [Test]
    public async Task ApplyAsync_CancelledInAStep_GivesTheCallsBack()
    {
        var target = Create();
        await target.ApplyAsync(First);
        using var cancelled = new CancellationTokenSource();
        Bench.Server.Breaks = (call, isAfter) =>
        {
            if (isAfter && call == $"PATCH {Path}" && Steps()[^1] == 10) cancelled.Cancel();
            return false;
        };

        Assert.That(
            async () => await target.ApplyAsync(Second, cancelled.Token), Throws.InstanceOf<OperationCanceledException>());

        await IsServedAsync(target, 1);
        Assert.That(Steps(), Has.None.EqualTo(50));
    }

    [Test]
    public async Task ApplyAsync_KilledInAStep_GoesOnAtThatStepOrBack()
    {
        var target = Create();
        await target.ApplyAsync(First);
        await StepAndKillAsync(50);
        var before = Bench.Server.Applied.Count;

        await target.ApplyAsync(Second);

        Assert.That(Steps().Skip(before), Is.EqualTo(new int?[] { 50, 50, null }));
        await IsServedAsync(target, 2);
    }

    [Test]
    public async Task ApplyAsync_KilledInAStepAndRolledBack_LetsTheOldAnswer()
    {
        var target = Create();
        await target.ApplyAsync(First);
        await StepAndKillAsync(50);

        await target.ApplyAsync(First);

        await IsServedAsync(target, 1);
    }

    /// <param name="isAfter">Whether the server carries the last request out, and its answer is lost.</param>
    [TestCase(false)]
    [TestCase(true)]
    public async Task ApplyAsync_EndedAtAnyRequest_IsRepairedByTheNext(bool isAfter)
    {
        for (var at = 0; ; at += LongForm.Of(1, 5))
        {
            await using var bench = NewBench();
            await Create(bench).ApplyAsync(First);
            var before = bench.Server.Calls.Count;
            using var killed = new CancellationTokenSource();
            bench.Server.Breaks = (call, after) =>
            {
                if (after != isAfter || bench.Server.Calls.Count - before <= at) return false;
                killed.Cancel();
                return true;
            };
            var hasEnded = false;
            try
            {
                await Create(bench).ApplyAsync(Second, killed.Token);
            }
            catch (OperationCanceledException)
            {
                hasEnded = true;
            }

            bench.Server.Breaks = (_, _) => false;
            await Create(bench).ApplyAsync(Second);
            Assert.That((await Create(bench).ObserveAsync("churn")).Version, Is.EqualTo(2), $"ended at request {at}");
            if (hasEnded) continue;
            Assert.That(at, Is.GreaterThan(10));
            break;
        }
    }

    [Test]
    public async Task ApplyAsync_ImageIsMissing_OldServes()
    {
        var target = Create();
        await target.ApplyAsync(First);
        Bench.Server.Images.Remove("registry.example.com/churn:2");

        Assert.That(
            async () => await target.ApplyAsync(Second),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("BlockedByFailedLoad").And.Message.Contains("Back-off pulling image")
                .And.Property("Remedy").Contains("Push the image"));

        await IsServedAsync(target, 1);
    }

    [Test]
    public async Task ApplyAsync_NeverReady_EndsWithTheDeadlineAndWhatKServeSays()
    {
        var target = Create();
        await target.ApplyAsync(First);
        Bench.Server.Stalls = true;

        Assert.That(
            async () => await target.ApplyAsync(Second),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("ProgressDeadline").And.Message.Contains("waiting for a Revision"));

        Bench.Server.Stalls = false;
        await IsServedAsync(target, 1);
    }

    [Test]
    public async Task ApplyAsync_OfAnotherWorkspaceOrOfOthers_IsNotTouched()
    {
        var target = Create();
        await target.ApplyAsync(First);
        AnnotationsOf()[Mark] = "0123";
        var applied = Bench.Server.Applied.Count;

        Assert.That(
            async () => await target.ApplyAsync(Second),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("The InferenceService 'churn'").And.Message.Contains("0123")
                .And.Property("Remedy").Contains("kubectl annotate --overwrite -n models inferenceservice churn"));
        Assert.That((await target.ObserveAsync("churn")).Version, Is.Null);
        Bench.Server.Objects[Path]["metadata"]!["labels"]!.AsObject().Clear();
        Assert.That(
            async () => await target.ApplyAsync(Second),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("was not created by this library"));

        Assert.That(Bench.Server.Applied, Has.Count.EqualTo(applied));
    }

    private KubernetesTarget Create(Bench? bench = null) => (bench ?? Bench).Create(Workspace, options =>
    {
        options.KServe = true;
        options.CanaryPercents.Add(10);
        options.CanaryPercents.Add(50);
    });

    // The old revision serves until the one that was restored is ready.
    private async Task IsServedAsync(KubernetesTarget target, int version)
    {
        for (var looks = 0; looks < 5 && (await target.ObserveAsync("churn")).Version is null; looks++)
        {
            // It is looked at again.
        }

        Assert.That((await target.ObserveAsync("churn")).Version, Is.EqualTo(version));
        Assert.That(Traffic(), Does.EndWith(" 100").And.Not.Contains(","));
    }

    // As a process leaves it that ends within a step: what it does when it is cancelled does not reach the server.
    private async Task StepAndKillAsync(int percent)
    {
        var isKilled = false;
        using var cancelled = new CancellationTokenSource();
        Bench.Server.Breaks = (call, isAfter) =>
        {
            if (isAfter && call == $"PATCH {Path}" && Steps()[^1] == percent)
            {
                cancelled.Cancel();
                isKilled = true;
            }
            return false;
        };
        Bench.Server.Instead = _ => isKilled ? (403, "{}") : null;
        Assert.That(
            async () => await Create().ApplyAsync(Second, cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
        (Bench.Server.Breaks, Bench.Server.Instead) = ((_, _) => false, _ => null);
    }

    // What was applied as canaryTrafficPercent, in order.
    private List<int?> Steps() =>
        [.. Bench.Server.Applied.Select(applied => applied["spec"]!["predictor"]!["canaryTrafficPercent"]?.GetValue<int>())];

    private string Traffic() => string.Join(
        ',',
        Bench.Server.Objects[Path]["status"]!["components"]!["predictor"]!["traffic"]!.AsArray()
            .Where(part => part!["percent"]!.GetValue<int>() > 0)
            .Select(part => $"{part!["revisionName"]} {part["percent"]}"));

    private JsonObject AnnotationsOf() => Bench.Server.Objects[Path]["metadata"]!["annotations"]!.AsObject();
}
