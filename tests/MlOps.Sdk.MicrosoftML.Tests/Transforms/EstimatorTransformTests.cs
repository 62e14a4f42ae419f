using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Features;
using MlOps.Sdk.MLNet.Tests;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet;

internal sealed class EstimatorTransformTests
{
    private static readonly Dataset s_rows = PipelineRows.Create(300);

    [Test]
    public async Task FitAsync_FeaturizeText_GivesSparseTermsWithTheirNames()
    {
        var fitted = await Fit("words", ["review"], ml => ml.Transforms.Text.FeaturizeText("Features", "review"));

        Assert.That(fitted.IsSparse);
        Assert.That(fitted.Outputs, Has.Count.GreaterThan(OutputSlots.WidestDense));
        Assert.That(fitted.Outputs, Is.All.Matches<FeatureSlot>(
            slot => slot is { Kind: SlotKind.Text, Group: "words", Column: "review" }
                && slot.Name.StartsWith("words.", StringComparison.Ordinal)));
        Assert.That(fitted.Outputs.Select(slot => slot.Name), Does.Contain("words.Word.good"));
        Assert.That(fitted.Outputs.Select(slot => slot.Name), Is.Unique);
    }

    [Test]
    public async Task Apply_SparseTransform_WritesOnlyWhatIsThere()
    {
        var fitted = await Fit("words", ["review"], ml => ml.Transforms.Text.FeaturizeText("Features", "review"));
        var sparse = new SparseFeaturesBuilder();
        using var scratch = new PredictScratch();

        fitted.Apply(new RowBlock([s_rows["review"]], 0, 300), new FeatureWriter(sparse), scratch);

        var features = sparse.Build(300);
        Assert.That(features.Values.Length, Is.LessThan(300L * fitted.Outputs.Count / 4));
        Assert.That(features.Values.ToArray(), Has.None.EqualTo(0f));
        var good = fitted.Outputs.Index().First(slot => slot.Item.Name == "words.Word.good").Index;
        for (var row = 0; row < 300; row++)
        {
            var has = features.Slots[features.Starts[row]..features.Starts[row + 1]].Contains(good);
            Assert.That(has, Is.EqualTo(s_rows["review"].GetText(row)?.Split(' ').Contains("good") == true), $"row {row}");
        }
    }

    [Test]
    public async Task Apply_ManyRowsAtOnce_SameBitsAsRowByRow()
    {
        var fitted = await Fit("words", ["review"], ml => ml.Transforms.Text.FeaturizeText("Features", "review"));
        var rows = PipelineRows.Create(InputBlock.RowsForTransform + 300, seed: 4);
        var (many, one) = (new SparseFeaturesBuilder(), new SparseFeaturesBuilder());
        using var scratch = new PredictScratch();

        fitted.Apply(new RowBlock([rows["review"]], 0, rows.RowCount), new FeatureWriter(many), scratch);
        var expected = many.Build(rows.RowCount);
        for (var row = 0; row < rows.RowCount; row++)
        {
            one.Clear();
            fitted.Apply(new RowBlock([rows["review"]], row, 1), new FeatureWriter(one), scratch);
            var alone = one.Build(1);
            var at = expected.Starts[row]..expected.Starts[row + 1];
            if (!alone.Slots.SequenceEqual(expected.Slots[at]) || !alone.Values.SequenceEqual(expected.Values[at]))
            {
                Assert.Fail($"Row {row}.");
            }
        }
    }

    [Test]
    public async Task FitAsync_OneHotEncoding_GivesLevelsOfAGroup()
    {
        var fitted = await Fit(
            "cats",
            ["contract", "member"],
            ml => ml.Transforms.Categorical.OneHotEncoding([new InputOutputColumnPair("contract"), new InputOutputColumnPair("member")]));

        Assert.That(fitted.IsSparse, Is.False);
        Assert.That(fitted.Outputs, Is.All.Matches<FeatureSlot>(slot => slot is { Kind: SlotKind.Level }));
        Assert.That(
            fitted.Outputs.Where(slot => slot.Column == "contract").Select(slot => slot.Name),
            Does.Contain("cats.contract.Month-to-month").And.Contain("cats.contract.One year"));
        Assert.That(
            fitted.Outputs.GroupBy(slot => slot.Group).Select(group => group.DistinctBy(slot => slot.Column).Count()), Is.All.EqualTo(1));
        Assert.That(fitted.Outputs.Select(slot => slot.Group).Distinct().Count(), Is.EqualTo(2));
    }

    [Test]
    public async Task FitAsync_ChainThatEndsWithConcatenate_GivesTheLastColumnOnly()
    {
        var fitted = await Fit("numbers", ["tenure", "visits", "member", "contract"], PipelineSamples.Numbers);

        var contracts = Enumerable.Range(0, 300).Select(row => s_rows["contract"].GetText(row)).OfType<string>().Distinct().Count();
        Assert.That(fitted.Outputs, Has.Count.EqualTo(3 + contracts));
        Assert.That(
            fitted.Outputs.Take(3),
            Is.EqualTo(new[]
            {
                new FeatureSlot("numbers.tenure", "tenure"),
                new FeatureSlot("numbers.visits", "visits"),
                new FeatureSlot("numbers.member", "member"),
            }));
        Assert.That(fitted.Outputs, Does.Contain(new FeatureSlot("numbers.contract.One year", "contract", SlotKind.Level, "numbers#0")));
    }

    [Test]
    public async Task FitAsync_NamedOutput_GivesThatColumn()
    {
        var fitted = await Fit("numbers", ["tenure", "visits", "member", "contract"], PipelineSamples.Numbers, "tenure");

        Assert.That(fitted.Outputs, Is.EqualTo(new[] { new FeatureSlot("numbers", "tenure") }));
        var values = new float[300];
        using var scratch = new PredictScratch();
        fitted.Apply(
            new RowBlock([.. fitted.Inputs.Select(field => s_rows[field.Name])], 0, 300), new FeatureWriter(values, 1, 1), scratch);
        Assert.That(values, Is.All.Matches<float>(float.IsFinite), "Missing values are replaced.");
        Assert.That(values[0], Is.EqualTo((float)s_rows["tenure"].GetNumber(0)));
    }

    [Test]
    public async Task FitAsync_DropColumnsAtTheEnd_GivesWhatIsLeft()
    {
        var fitted = await Fit(
            "numbers",
            ["visits", "member"],
            ml => ml.Transforms.Concatenate("Both", "visits", "member")
                .Append(ml.Transforms.CopyColumns("Other", "visits"))
                .Append(ml.Transforms.DropColumns("Other")));

        Assert.That(fitted.Outputs.Select(slot => slot.Name), Is.EqualTo(new[] { "numbers.visits", "numbers.member" }));
    }

    [Test]
    public async Task FitAsync_VectorOfNumbers_HasNumbersAsNames()
    {
        var fitted = await Fit("pca", ["shape"], ml => ml.Transforms.NormalizeMinMax("scaled", "shape"));

        Assert.That(fitted.Outputs, Is.EqualTo(Enumerable.Range(0, 3).Select(i => new FeatureSlot($"pca.{i}", "shape"))));
    }

    [Test]
    public async Task FitAsync_OutputThatDoesNotExistOrIsNoNumber_IsRefusedWithThoseThatAre()
    {
        await Assert.ThatAsync(
            () => Fit("numbers", ["tenure", "visits", "member", "contract"], PipelineSamples.Numbers, "Featuers"),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("'Featuers'")
                .And.Property(nameof(MlOpsException.Remedy)).Contains("Features"));
        await Assert.ThatAsync(
            () => Fit("key", ["contract"], ml => ml.Transforms.Conversion.MapValueToKey("key", "contract"), "key"),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("neither a number"));
        await Assert.ThatAsync(
            () => Fit("key", ["contract"], ml => ml.Transforms.Conversion.MapValueToKey("key", "contract")),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("adds neither a number"));
    }

    [Test]
    public async Task FitAsync_ColumnThatDoesNotExist_IsNamed()
    {
        await Assert.ThatAsync(
            () => Fit("words", ["reviw"], ml => ml.Transforms.Text.FeaturizeText("Features", "reviw")),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("'reviw'")
                .And.Property(nameof(MlOpsException.Remedy)).Contains("review"));
        await Assert.ThatAsync(
            () => Fit("words", ["review"], ml => ml.Transforms.Text.FeaturizeText("Features", "contract")),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("contract"));
    }

    [Test]
    public async Task FitAsync_Label_IsRefused()
    {
        await Assert.ThatAsync(
            () => Fit("leak", ["churn"], ml => ml.Transforms.Categorical.OneHotEncoding("churn")),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("reads the label"));
    }

    [Test]
    public async Task FitAsync_CancelledWhileItFits_Throws()
    {
        using var source = new CancellationTokenSource();

        await Assert.ThatAsync(
            async () => await new EstimatorTransform(
                "words",
                ["review"],
                ml => new CancellingEstimator(ml, source).Append(ml.Transforms.Text.FeaturizeText("Features", "review")),
                null).FitAsync(new SampleFitContext(s_rows, "churn"), source.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task FitAsync_Messages_GoToTheLogger()
    {
        var heard = new ConcurrentQueue<string>();
        await new EstimatorTransform(
            "trees",
            ["shape", "member"],
            ml => ml.Transforms.Conversion.ConvertType("flag", "member", DataKind.Boolean).Append(
                ml.BinaryClassification.Trainers.FastTree("flag", "shape", numberOfTrees: 2)),
            "Score").FitAsync(new LoggingContext(new SampleFitContext(s_rows, "churn"), new ListeningLogger(heard.Enqueue)));

        Assert.That(heard, Has.Some.Contains("Starting to train"));
    }

    // A result of another version of the library is not used again.
    [Test]
    public void Describe_State_NamesTheVersionOfTheLibrary()
    {
        var text = new ObjectText();
        ObjectState.Describe(new EstimatorTransform("words", ["review"], ml => ml.Transforms.CopyColumns("a", "b"), null), text);

        Assert.That(text.State.ToString(), Does.Contain($"Microsoft.ML {LibraryVersion.Text}"));
    }

    [Test]
    public async Task Dispose_Transform_DisposesWhatWasFittedAndRefusesToGoOn()
    {
        var source = await new EstimatorTransform(
            "scaled", ["visits"], ml => ml.Transforms.NormalizeMinMax("scaled", "visits"), null).FitAsync(
                new SampleFitContext(s_rows, "churn"));
        var bytes = Predictions.Save(source.Save);
        var (head, zip) = SavedParts.Read(bytes, "transform");
        var watched = new WatchedTransformer(ModelFile.Load(CanonicalZip.Read(zip), new LoaderAllowList(), out _));
        var fitted = new FittedEstimatorTransform(TransformHeader.Read(head.Span), zip, watched);
        using var scratch = new PredictScratch();
        Apply();

        fitted.Dispose();
        fitted.Dispose();

        Assert.That(watched.Disposals, Is.EqualTo(1));
        Assert.That(Apply, Throws.InstanceOf<ObjectDisposedException>());

        void Apply() => fitted.Apply(new RowBlock([s_rows["visits"]], 0, 3), new FeatureWriter(new float[3], 1, 1), scratch);
    }

    [Test]
    public async Task Read_BytesWithAnyOneChanged_IsRefused()
    {
        var fitted = await Fit("numbers", ["visits"], ml => ml.Transforms.NormalizeMinMax("scaled", "visits"));
        var bytes = Predictions.Save(fitted.Save);
        var readers = Predictions.Readers();
        for (var i = 0; i < bytes.Length; i += 1 + bytes.Length / 40)
        {
            var damaged = bytes.ToArray();
            damaged[i] ^= 0x10;
            Assert.That(
                () => readers.Read<IFittedTransform>(FittedEstimatorTransform.Format, damaged), Throws.InstanceOf<MlOpsException>());
        }
    }

    [Test]
    public void MicrosoftML_WrongArguments_AreRefusedWhenTheyAreGiven()
    {
        static IEstimator<ITransformer> Make(MLContext ml) => ml.Transforms.CopyColumns("a", "b");

        LifecycleBuilder.Create("x").EngineerFeatures(features =>
        {
            Assert.That(() => features.MicrosoftML("", ["a"], Make), Throws.ArgumentException);
            Assert.That(() => features.MicrosoftML("x", [], Make), Throws.ArgumentException);
            Assert.That(() => features.MicrosoftML("x", ["a", "a"], Make), Throws.ArgumentException);
            Assert.That(() => features.MicrosoftML("x", ["a"], null!), Throws.ArgumentNullException);
        });
    }

    private static async Task<IFittedTransform> Fit(
        string name, string[] columns, Func<MLContext, IEstimator<ITransformer>> estimator, string? output = null) =>
        await new EstimatorTransform(name, columns, estimator, output).FitAsync(new SampleFitContext(s_rows, "churn"));

    private sealed class LoggingContext(IFitContext context, ILogger logger) : IFitContext
    {
        public ProblemDefinition Problem => context.Problem;

        public Dataset Rows => context.Rows;

        public IReadOnlyList<string> Observed => context.Observed;

        public string? Weight => context.Weight;

        public int Seed => context.Seed;

        public ILogger Logger => logger;
    }
}
