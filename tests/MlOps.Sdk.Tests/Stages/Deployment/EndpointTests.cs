using MlOps.Sdk.Storage;
using MlOps.Sdk.Tests.Storage;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Deployment;

public sealed class EndpointTests
{
    private static readonly ITrainer[] Models = [Trainers.LogisticRegression(), Trainers.GradientBoosting()];

    [TestCaseSource(nameof(Models))]
    public async Task Predict_BoundFromAClassAndRecorded_AllocatesNothing(ITrainer trainer)
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin(train: training => training.Try(trainer).CrossValidate(2).Trials(0)).Deployed().Monitored().Build().RunAsync(workspace);
        var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        UnlabelledSubscriber[] rows = [.. Subscriber.Draw(500, seed: 2).Select(UnlabelledSubscriber.Of)];

        // The first round binds the class, and grows the buffers for missing values.
        long allocated = 0;
        for (var round = 0; round < 2; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var row in rows) endpoint.Predict(row);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        await workspace.Monitor(SampleLifecycle.Name).FlushAsync();
        var recorded = await new PredictionTable(workspace.Store).CountAsync(SampleLifecycle.Name);
        Assert.Multiple(() =>
        {
            Assert.That(allocated, Is.Zero);
            Assert.That(rows, Has.Some.Property("Spend").Null);
            Assert.That(recorded, Is.EqualTo(2 * rows.Length));
        });
    }
}
