using MlOps.Sdk.Tests;
using NUnit.Framework;

namespace MlOps.Sdk.Aws.Tests;

/// <summary>
/// A deployment that ends at any of its calls: the old version or the new one serves, and the next one brings it to its end.
/// </summary>
[TestFixture]
internal sealed class SageMakerKillTests : SageMakerFixture
{
    /// <param name="isAfter">Whether SageMaker carries the last call out, and its answer is lost.</param>
    [TestCase(false)]
    [TestCase(true)]
    public async Task ApplyAsync_EndedAtAnyCall_IsRepairedByTheNext(bool isAfter)
    {
        var step = LongForm.Of(1, 7);
        var ends = 0;
        for (var at = 0; ; at += step)
        {
            await using var bench = new Bench();
            using (var target = bench.Create(Workspace)) await target.ApplyAsync(First);
            var before = bench.SageMaker.Calls.Count;
            using var killed = new CancellationTokenSource();
            bench.SageMaker.Breaks = (_, after) =>
            {
                if (after != isAfter || bench.SageMaker.Calls.Count - before <= at) return false;
                killed.Cancel();
                return true;
            };
            var hasEnded = false;
            using (var target = bench.Create(Workspace))
            {
                try
                {
                    await target.ApplyAsync(Second, killed.Token);
                }
                catch (OperationCanceledException)
                {
                    hasEnded = true;
                }
            }

            bench.SageMaker.Breaks = (_, _) => false;
            Assert.That(
                bench.ServedVersion("churn"),
                Is.EqualTo(First.Model.Version.Version).Or.EqualTo(Second.Model.Version.Version),
                $"ended at call {at}");
            using (var next = bench.Create(Workspace))
            {
                await next.ApplyAsync(Second);
                var served = await next.ObserveAsync("churn");
                Assert.That(
                    (served.Version, served.ContentHash),
                    Is.EqualTo(((int?)Second.Model.Version.Version, Second.Model.Version.ContentHash)),
                    $"ended at call {at}");
            }

            Assert.Multiple(() =>
            {
                Assert.That(bench.SageMaker.Endpoints, Has.Count.EqualTo(1));
                Assert.That(bench.SageMaker.Models, Has.Count.EqualTo(2), "nothing is there twice");
                Assert.That(bench.SageMaker.Configurations, Has.Count.EqualTo(2), "nothing is there twice");
            });
            if (!hasEnded) break;
            ends++;
        }

        Assert.That(ends, Is.GreaterThan(2));
    }

    [Test]
    public async Task ApplyAsync_CancelledWhileTheUpdateRuns_IsBroughtBackOnceThatHasEnded()
    {
        using var target = Bench.Create(Workspace);
        await target.ApplyAsync(First);
        using var outdated = new CancellationTokenSource();
        Bench.SageMaker.Breaks = (_, _) =>
        {
            if (Bench.SageMaker.Endpoints["churn"].Status == "Updating") outdated.Cancel();
            return false;
        };
        Assert.That(async () => await target.ApplyAsync(Second, outdated.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Bench.SageMaker.Endpoints["churn"].Status, Is.EqualTo("Updating"), "SageMaker goes on with it");
        Bench.SageMaker.Breaks = (_, _) => false;

        // Somebody rolled back, which cancelled the call.
        await target.ApplyAsync(First);

        Assert.That((await target.ObserveAsync("churn")).Version, Is.EqualTo(VersionOf(First)));
        Assert.That(Bench.ServedVersion("churn"), Is.EqualTo(VersionOf(First)));
    }

    [Test]
    public async Task ApplyAsync_EndedAtTheUploads_OldServesAndTheNextUploads()
    {
        using var target = Bench.Create(Workspace);
        await target.ApplyAsync(First);
        var answer = Bench.S3.Answer;
        Bench.S3.Answer = (_, _) => throw new HttpRequestException("reset");

        Assert.That(async () => await target.ApplyAsync(Second), Throws.TypeOf<MlOpsException>().With.Message.Contains("archive"));
        Assert.That((await target.ObserveAsync("churn")).Version, Is.EqualTo(First.Model.Version.Version));

        Bench.S3.Answer = answer;
        await target.ApplyAsync(Second);
        Assert.That((await target.ObserveAsync("churn")).Version, Is.EqualTo(Second.Model.Version.Version));
    }
}
