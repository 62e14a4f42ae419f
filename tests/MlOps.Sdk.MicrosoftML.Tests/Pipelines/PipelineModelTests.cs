using Microsoft.ML;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet;

internal sealed class PipelineModelTests
{
    private static readonly Dataset s_rows = PipelineRows.Create(300);
    private static readonly Dataset s_many = PipelineRows.Create(InputBlock.RowsForTransform + 500, seed: 7);

    // Every sample is trained once.
    private static readonly Dictionary<string, IRowModel> s_models = [];

    [OneTimeSetUp]
    public async Task Train()
    {
        s_models["ModelBuilder"] = await Train((ml, _) => PipelineSamples.ModelBuilder(ml), "churn");
        s_models["Trees"] = await Train(PipelineSamples.Trees, "churn");
        s_models["Margins"] = await Train(PipelineSamples.Margins, "churn");
        s_models["Classes"] = await Train(PipelineSamples.Classes, "segment");
        s_models["Number"] = await Train(PipelineSamples.Number, "spend");
    }

    [OneTimeTearDown]
    public void Dispose()
    {
        foreach (var model in s_models.Values) model.Dispose();
    }

    [TestCaseSource(nameof(Samples))]
    public void SaveAndRead_Model_SameBytesAndBits(string sample)
    {
        var model = s_models[sample];
        var bytes = Predictions.Save(model.Save);

        using var read = Predictions.Readers().Read<IRowModel>(model.FormatId, bytes);

        Assert.That(read.Signature, Is.EqualTo(model.Signature));
        Assert.That(read.Inputs, Is.EqualTo(model.Inputs));
        Assert.That(Predictions.Save(read.Save), Is.EqualTo(bytes));
        foreach (var rows in new[] { s_rows, PipelineRows.Strange() })
        {
            Assert.That(Predictions.Bits(Predictions.Of(read, rows)), Is.EqualTo(Predictions.Bits(Predictions.Of(model, rows))));
        }
    }

    [TestCaseSource(nameof(Samples))]
    public void Predict_ManyRowsAtOnce_SameBitsAsRowByRow(string sample)
    {
        var model = s_models[sample];

        var one = Predictions.OneByOne(model, s_many);

        Assert.That(one.Distinct().Count(), Is.GreaterThan(5));
        Assert.That(Predictions.Bits(Predictions.Of(model, s_many)), Is.EqualTo(Predictions.Bits(one)));
    }

    [TestCaseSource(nameof(Samples))]
    public void Predict_FromManyThreads_SameBits(string sample)
    {
        var model = s_models[sample];
        var expected = Predictions.Bits(Predictions.OneByOne(model, s_rows));
        var found = new long[16][];

        Parallel.For(0, found.Length, i => found[i] = Predictions.Bits(Predictions.OneByOne(model, s_rows)));

        Assert.That(found, Is.All.EqualTo(expected));
    }

    [TestCaseSource(nameof(Samples))]
    public void Predict_MissingAndUnseenValues_IsFinite(string sample)
    {
        var model = s_models[sample];

        Assert.That(Predictions.Of(model, PipelineRows.Strange()), Is.All.Matches<double>(double.IsFinite));
    }

    [Test]
    public void Predict_AfterWarmUp_AllocatesNothing()
    {
        var model = s_models["Trees"];
        var columns = Predictions.Columns(model.Inputs, s_rows);
        var output = new double[64];
        using var scratch = new PredictScratch();
        Run();

        // The runtime may allocate for itself in between, but not every time.
        var least = long.MaxValue;
        for (var attempt = 0; attempt < 5 && least > 0; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Run();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.That(least, Is.Zero);

        void Run()
        {
            for (var i = 0; i < 20; i++)
            {
                model.Predict(new RowBlock(columns, i, 1), output, scratch);
                model.Predict(new RowBlock(columns, i, 64), output, scratch);
            }
        }
    }

    [Test]
    public void Predict_RowOfAnotherTable_IsNotThatOfTheOneBefore()
    {
        var model = s_models["Trees"];
        using var scratch = new PredictScratch();
        var output = new double[1];
        var expected = Predictions.Of(model, s_many);
        for (var row = 0; row < 50; row++)
        {
            // Always row 0 of a new table: only the position tells ML.NET that it is another row.
            model.Predict(new RowBlock(Predictions.Columns(model.Inputs, s_many.Take([row])), 0, 1), output, scratch);
            Assert.That(output[0], Is.EqualTo(expected[row]), $"row {row}");
        }
    }

    [Test]
    public void Predict_OutputThatIsTooShort_IsRefused()
    {
        var model = s_models["Trees"];
        using var scratch = new PredictScratch();

        Assert.That(
            () => model.Predict(new RowBlock(Predictions.Columns(model.Inputs, s_rows), 0, 2), new double[1], scratch),
            Throws.ArgumentException);
    }

    [Test]
    public async Task Predict_ValueThatThePipelineMakesNothingOf_IsRefused()
    {
        using var model = await Train(
            (ml, settings) => ml.Transforms.Concatenate("Features", "visits", "member")
                .Append(ml.BinaryClassification.Trainers.LbfgsLogisticRegression(settings.Label)),
            "churn");

        Assert.That(
            () => Predictions.Of(model, PipelineRows.Strange().Take([0])),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("NaN")
                .And.Property(nameof(MlOpsException.Remedy)).Contains("ReplaceMissingValues"));
    }

    [Test]
    public async Task Predict_Disposed_Throws()
    {
        var model = await Train(PipelineSamples.Trees, "churn");
        using var scratch = new PredictScratch();
        var columns = Predictions.Columns(model.Inputs, s_rows);
        model.Predict(new RowBlock(columns, 0, 1), new double[1], scratch);

        model.Dispose();
        model.Dispose();

        Assert.That(() => model.Predict(new RowBlock(columns, 0, 1), new double[1], scratch), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void Read_BytesWithAnyOneChanged_IsRefused()
    {
        var model = s_models["Trees"];
        var bytes = Predictions.Save(model.Save);
        var readers = Predictions.Readers();
        var random = new Random(3);
        for (var i = 0; i < 60; i++)
        {
            var damaged = bytes.ToArray();
            damaged[i < 50 ? i : random.Next(damaged.Length)] ^= (byte)(1 + random.Next(255));
            Assert.That(
                () => readers.Read<IRowModel>(PipelineModel.Format, damaged),
                Throws.InstanceOf<MlOpsException>().With.Property(nameof(MlOpsException.Remedy)).Not.Null);
        }

        foreach (var length in new[] { 0, 1, 43, 44, bytes.Length / 2, bytes.Length - 1 })
        {
            Assert.That(
                () => readers.Read<IRowModel>(PipelineModel.Format, bytes.AsMemory(0, length)), Throws.InstanceOf<MlOpsException>());
        }
    }

    // A hash protects from accidents, and not from whoever makes a file.
    [TestCase("\"BinaryClassification\"", "\"Regression\"")]
    [TestCase("\"outputs\":1", "\"outputs\":2000000000")]
    [TestCase("\"Single\"", "\"Double\"")]
    [TestCase("\"Single\"", "\"None\"")]
    [TestCase("\"tenure\"", "\"visits\"")]
    [TestCase("\"tenure\"", "\"nothing\"")]
    [TestCase("\"tenure\"", "null")]
    [TestCase("\"kind\":\"Probability\"", "\"kind\":\"ClassScores\"")]
    [TestCase("\"classes\":[]", "\"classes\":[7]")]
    [TestCase("\"classes\":[]", "\"classes\":null")]
    public void Read_HeaderThatIsNotThatOfTheZip_IsRefused(string from, string to)
    {
        var model = s_models["Trees"];
        var (header, zip) = SavedParts.Read(Predictions.Save(model.Save), "model");
        var text = System.Text.Encoding.UTF8.GetString(header.Span);
        Assert.That(text, Does.Contain(from));
        var forged = System.Text.Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal));

        Assert.That(
            () => Predictions.Readers().Read<IRowModel>(
                PipelineModel.Format, Predictions.Save(buffer => SavedParts.Write(buffer, forged, zip))),
            Throws.InstanceOf<MlOpsException>());
    }

    [Test]
    public void Read_WithoutTheReader_NamesThePackage()
    {
        Assert.That(
            () => new WorkspaceOptions().Readers.Read<IRowModel>(PipelineModel.Format, new byte[8]),
            Throws.InstanceOf<MlOpsException>()
                .With.Property(nameof(MlOpsException.Remedy)).Contains("MlOps.Sdk.MicrosoftML")
                .And.Property(nameof(MlOpsException.Remedy)).Contains("UseMicrosoftML()"));
    }

    [Test]
    public async Task Read_ModelWithCodeOfAnotherAssembly_IsReadWhereItIsAllowed()
    {
        using var model = await Train(
            (ml, settings) => ml.Transforms.CustomMapping(new OftenMapping().GetMapping(), OftenMapping.Contract)
                .Append(ml.Transforms.Concatenate("Features", "IsOften", "visits"))
                .Append(ml.BinaryClassification.Trainers.FastTree(settings.Label, numberOfTrees: 2)),
            "churn");
        var bytes = Predictions.Save(model.Save);
        var assembly = typeof(OftenMapping).Assembly.GetName().Name!;

        Assert.That(
            () => Predictions.Readers().Read<IRowModel>(model.FormatId, bytes),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains($"'{assembly}'")
                .And.Property(nameof(MlOpsException.Remedy)).Contains($"UseMicrosoftML(\"{assembly}\")"));
        using var read = Predictions.Readers(assembly).Read<IRowModel>(model.FormatId, bytes);
        Assert.That(Predictions.Bits(Predictions.Of(read, s_rows)), Is.EqualTo(Predictions.Bits(Predictions.Of(model, s_rows))));
    }

    private static string[] Samples() => ["ModelBuilder", "Trees", "Margins", "Classes", "Number"];

    private static async Task<IRowModel> Train(
        Func<MLContext, PipelineSettings, IEstimator<ITransformer>> pipeline, string label) =>
        await MicrosoftML.Pipeline("pipeline", "1", pipeline).TrainAsync(PipelineRows.Context(s_rows, label));
}
