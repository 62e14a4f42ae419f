using MlOps.Sdk.Deployment;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tests;
using NUnit.Framework;

namespace MlOps.Sdk.Aws.Tests;

/// <summary>
/// A deployment that ends at any of its calls: the old version or the new one serves, and the next one brings it to its end.
/// </summary>
[TestFixture]
public sealed class SageMakerKillTests
{
    private TemporaryWorkspace _temporary = null!;
    private DesiredDeployment _first = null!;
    private DesiredDeployment _second = null!;

    [OneTimeSetUp]
    public async Task Train()
    {
        _temporary = await TemporaryWorkspace.OpenAsync();
        var (first, second) = await BlessedModels.CreateTwoAsync(_temporary.Workspace, "churn");
        _first = await BlessedModels.DesiredAsync(_temporary.Workspace, first, "churn");
        _second = await BlessedModels.DesiredAsync(_temporary.Workspace, second, "churn");
    }

    [OneTimeTearDown]
    public async Task Clean() => await _temporary.DisposeAsync();

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
            using (var target = bench.Create(_temporary.Workspace)) await target.ApplyAsync(_first);
            var before = bench.SageMaker.Calls.Count;
            using var killed = new CancellationTokenSource();
            bench.SageMaker.Breaks = (_, after) =>
            {
                if (after != isAfter || bench.SageMaker.Calls.Count - before <= at) return false;
                killed.Cancel();
                return true;
            };
            var hasEnded = false;
            using (var target = bench.Create(_temporary.Workspace))
            {
                try
                {
                    await target.ApplyAsync(_second, killed.Token);
                }
                catch (OperationCanceledException)
                {
                    hasEnded = true;
                }
            }

            bench.SageMaker.Breaks = (_, _) => false;
            Assert.That(
                bench.ServedVersion("churn"),
                Is.EqualTo(_first.Model.Version.Version).Or.EqualTo(_second.Model.Version.Version),
                $"ended at call {at}");
            using (var next = bench.Create(_temporary.Workspace))
            {
                await next.ApplyAsync(_second);
                var served = await next.ObserveAsync("churn");
                Assert.That(
                    (served.Version, served.ContentHash),
                    Is.EqualTo(((int?)_second.Model.Version.Version, _second.Model.Version.ContentHash)),
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
    public async Task ApplyAsync_EndedAtTheUploads_OldServesAndTheNextUploads()
    {
        await using var bench = new Bench();
        using var target = bench.Create(_temporary.Workspace);
        await target.ApplyAsync(_first);
        var answer = bench.S3.Answer;
        bench.S3.Answer = (_, _) => throw new HttpRequestException("reset");

        Assert.That(async () => await target.ApplyAsync(_second), Throws.TypeOf<MlOpsException>().With.Message.Contains("archive"));
        Assert.That((await target.ObserveAsync("churn")).Version, Is.EqualTo(_first.Model.Version.Version));

        bench.S3.Answer = answer;
        await target.ApplyAsync(_second);
        Assert.That((await target.ObserveAsync("churn")).Version, Is.EqualTo(_second.Model.Version.Version));
    }
}
