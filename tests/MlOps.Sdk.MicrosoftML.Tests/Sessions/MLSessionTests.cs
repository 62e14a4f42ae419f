using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;
using MlOps.Sdk.Problem;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet.Tests;

[TestFixture]
public sealed class MLSessionTests
{
    // Training cannot be cancelled by what is public.
    [Test]
    public void CancelExecution_OfTheLibrary_Exists() => Assert.That(
        typeof(MLContext).GetMethod("CancelExecution", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public, []),
        Is.Not.Null);

    [Test]
    public void RunAsync_CancelledWhileTheLibraryTrains_EndsIt()
    {
        using var cancellation = new CancellationTokenSource();
        var logger = new CancellingLogger(cancellation, "Starting to train");
        var features = TrainingRows.Features(20_000);
        var view = new TrainingView(features, TrainingRows.Labels(TaskKind.Regression, features), default, TaskKind.Regression, 1, default);
        var ended = false;
        var work = new MLSession(1, logger).RunAsync(
            ml =>
            {
                try
                {
                    return ml.Regression.Trainers
                        .FastTree(new FastTreeRegressionTrainer.Options { NumberOfTrees = 1_000_000, NumberOfLeaves = 1000 })
                        .Fit(view);
                }
                finally
                {
                    ended = true;
                }
            },
            cancellation.Token);

        Assert.That(async () => await work, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(logger.Heard, Is.True);
        Assert.That(ended, Is.True, "the library went on");
    }

    [Test]
    public void RunAsync_CancelledBefore_DoesNotBegin()
    {
        var begun = false;

        Assert.That(
            async () => await new MLSession(1, NullLogger.Instance).RunAsync(_ => begun = true, new CancellationToken(canceled: true)),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(begun, Is.False);
    }

    [Test]
    public void RunAsync_Failure_SaysWhatFailedAndKeepsOurs()
    {
        var session = new MLSession(1, NullLogger.Instance);

        Assert.That(
            async () => await session.RunAsync<int>(_ => throw new InvalidOperationException("No column."), default),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("No column").And.InnerException.Not.Null);
        Assert.That(
            async () => await session.RunAsync<int>(_ => throw new AggregateException(new MlOpsException("Ours.", "Do it.")), default),
            Throws.InstanceOf<MlOpsException>().With.Property(nameof(MlOpsException.Problem)).EqualTo("Ours."));
    }

    [Test]
    public async Task RunAsync_SameSeed_DrawsTheSame()
    {
        var draws = new List<float[]>();
        Drawn[] rows = [.. Enumerable.Range(0, 50).Select(number => new Drawn { Number = number })];
        for (var i = 0; i < 2; i++)
        {
            draws.Add(await new MLSession(5, NullLogger.Instance).RunAsync(
                ml => ml.Data.ShuffleRows(ml.Data.LoadFromEnumerable(rows))
                    .GetColumn<float>("Number")
                    .ToArray(),
                default));
        }

        Assert.That(draws[1], Is.EqualTo(draws[0]));
    }

    private sealed class Drawn
    {
        public float Number { get; set; }
    }
}
