using System.Buffers;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Features;

[TestFixture]
public sealed class TransformDisposalTests
{
    private static readonly Dataset s_rows = FittedGraphs.Rows(
        ("x", ColumnType.Number, [1.0, 2.0]), ("y", ColumnType.Text, ["0", "1"]));

    [Test]
    public async Task RunAsync_TransformsThatHoldSomething_LeavesOpenWhatIsServed()
    {
        using var folder = new TempFolder();
        var transforms = new OpenTransforms("age");
        var workspace = await Workspace.OpenAsync(folder.Path, options => options.Readers.Add<IFittedTransform>(transforms));
        await using (workspace)
        {
            var run = await SampleLifecycle.Begin(
                    Subscriber.Draw(600, seed: 1),
                    train: training => training.Try(Trainers.LogisticRegression()).CrossValidate(3).Trials(0),
                    features: features => features.Apply(transforms).OneHot(["plan"]).Numeric(["spend"]))
                .Deployed().Build().RunAsync(workspace);
            var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);

            Assert.That(run.Deployment!.IsDeployed, run.Deployment.Reason);
            Assert.That(transforms.Made, Is.GreaterThan(5), "of folds, of stages, of the package that is judged");
            Assert.That(transforms.Open, Is.EqualTo(1));
            Assert.That(
                endpoint.Predict(UnlabelledSubscriber.Of(Subscriber.Draw(1, seed: 2)[0])).Value.Score, Is.InRange(0.0, 1.0));
            using (await workspace.ReadPackageAsync(await workspace.Models.GetAsync(SampleLifecycle.Name, 1)))
            {
                Assert.That(transforms.Open, Is.EqualTo(2));
            }

            Assert.That(transforms.Open, Is.EqualTo(1));
        }

        Assert.That(transforms.Open, Is.Zero);
    }

    [Test]
    public void FitAsync_AnotherTransformFails_DisposesThoseBefore()
    {
        var transforms = new OpenTransforms("x");

        Assert.That(
            () => FittedGraphs.GraphAsync(s_rows, features => features.Apply(transforms).Numeric(["nothing"])),
            Throws.InstanceOf<MlOpsException>());
        Assert.That((transforms.Made, transforms.Open), Is.EqualTo((1, 0)));
    }

    [Test]
    public void FitAsync_FeatureThatIsMadeTwice_DisposesBoth()
    {
        var transforms = new OpenTransforms("x");

        Assert.That(
            () => FittedGraphs.GraphAsync(s_rows, features => features.Apply(transforms).Apply(transforms)),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("created twice"));
        Assert.That((transforms.Made, transforms.Open), Is.EqualTo((2, 0)));
    }

    [Test]
    public async Task Read_AnotherReaderIsMissing_DisposesThoseBefore()
    {
        var transforms = new OpenTransforms("x");
        using var graph = await FittedGraphs.GraphAsync(
            FittedGraphs.Rows(
                ("x", ColumnType.Number, [1.0, 2.0]), ("z", ColumnType.Number, [1.0, 3.0]), ("y", ColumnType.Text, ["0", "1"])),
            features => features.Apply(transforms).Numeric(["z"]));
        var bytes = new ArrayBufferWriter<byte>();
        graph.Save(bytes);
        var readers = new FormatReaders().Add<IFittedTransform>(transforms);

        Assert.That(() => FeatureGraph.Read(bytes.WrittenMemory, readers), Throws.InstanceOf<MlOpsException>());
        Assert.That((transforms.Made, transforms.Open), Is.EqualTo((2, 1)));
        graph.Dispose();
        graph.Dispose();
        Assert.That(transforms.Open, Is.Zero);
    }
}
