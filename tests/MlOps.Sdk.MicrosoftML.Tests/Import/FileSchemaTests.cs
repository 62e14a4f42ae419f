using System.Globalization;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet;

internal sealed class FileSchemaTests
{
    private static readonly Mail[] s_train = Mail.Draw(600, seed: 1);
    private static readonly Mail[] s_judge = Mail.Draw(400, seed: 2);

    private string _folder = "";

    [SetUp]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("mlops-import-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [TestCase("true", "false", "true", false)]
    [TestCase("true", "false", "false", true)]
    [TestCase("1", "0", "1", false)]
    [TestCase("1", "0", "0", true)]
    [TestCase("Yes", "No", "Yes", false)]
    public async Task Import_Probability_IsThatOfThePositiveClass(string whenTrue, string whenFalse, string positive, bool isReversed)
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync(options => options.UseMicrosoftML());
        var ml = new MLContext(seed: 1);
        var zip = Save(ml, s_train, Features(ml).Append(ml.BinaryClassification.Trainers.LbfgsLogisticRegression()));

        var imported = await ImportAsync(temporary.Workspace, zip, whenTrue, whenFalse, positive);

        var engine = ml.Model.CreatePredictionEngine<Mail, Answer>(ml.Model.Load(zip, out _));
        Assert.That(imported.Result.IsPromoted, Is.True, imported.Result.Reason);
        Assert.That(imported.Result.Metrics["roc_auc"].Value, Is.GreaterThan(0.7));
        foreach (var mail in s_judge.Take(20))
        {
            double ofTrue = engine.Predict(mail).Probability;
            Assert.That(Score(temporary.Workspace, mail), Is.EqualTo(isReversed ? 1 - ofTrue : ofTrue));
        }

        // What was turned round is so in the package, too.
        var before = Score(temporary.Workspace, s_judge[0]);
        var reopened = await temporary.ReopenAsync();
        await reopened.ServeAsync("spam");
        Assert.That(Score(reopened, s_judge[0]), Is.EqualTo(before));
    }

    [TestCase("true", "false", "false")]
    [TestCase("1", "0", "0")]
    [TestCase("1", "0", "1")]
    public async Task Import_MarginOfABooleanLabel_IsCalibratedForThePositiveClass(string whenTrue, string whenFalse, string positive)
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync(options => options.UseMicrosoftML());
        var ml = new MLContext(seed: 1);
        var zip = Save(ml, s_train, Features(ml).Append(ml.BinaryClassification.Trainers.LinearSvm()));

        var imported = await ImportAsync(temporary.Workspace, zip, whenTrue, whenFalse, positive);

        Assert.That(imported.Result.IsPromoted, Is.True, imported.Result.Reason);
        Assert.That(imported.Result.Metrics["roc_auc"].Value, Is.GreaterThan(0.6));
    }

    [Test]
    public async Task Import_MarginsThatSpeakForTheOtherClass_AreRefused()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync(options => options.UseMicrosoftML());
        var ml = new MLContext(seed: 1);
        var zip = Save(ml, s_train, Features(ml).Append(ml.BinaryClassification.Trainers.LinearSvm()));

        Assert.That(
            () => ImportAsync(temporary.Workspace, zip, "No", "Yes", "Yes"),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("class 'No' the larger scores"));
    }

    [TestCase("true", "false", "false")]
    [TestCase("1", "0", "0")]
    [TestCase("Yes", "No", "Yes")]
    public async Task Import_ScoresPerClassOfABooleanLabel_AreMatchedByValue(string whenTrue, string whenFalse, string positive)
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync(options => options.UseMicrosoftML());
        var ml = new MLContext(seed: 1);
        var zip = Save(ml, s_train, Features(ml)
            .Append(ml.Transforms.Conversion.MapValueToKey("Label"))
            .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy()));

        var imported = await ImportAsync(temporary.Workspace, zip, whenTrue, whenFalse, positive);

        Assert.That(imported.Result.Metrics["roc_auc"].Value, Is.GreaterThan(0.7));
    }

    [Test]
    public async Task Import_WholeNumbersAsClasses_AreMatchedByValue()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync(options => options.UseMicrosoftML());
        var ml = new MLContext(seed: 1);
        var rows = Strange.Draw(400, seed: 1);
        var zip = Save(ml, rows, ml.Transforms.Concatenate("Features", "Value")
            .Append(ml.Transforms.Conversion.MapValueToKey("Level"))
            .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy("Level")));

        var imported = await temporary.Workspace.Models.ImportMicrosoftMLAsync("levels", zip, import => import
            .Problem(problem => problem.MulticlassClassification("Level"))
            .Judge(DataSources.Csv(Strange.Write(_folder, Strange.Draw(300, seed: 2))), gates => gates.Optimize(Metric.Accuracy)));

        Assert.That(imported.Result.IsPromoted, Is.True, imported.Result.Reason);
        Assert.That(imported.Result.Metrics["accuracy"].Value, Is.GreaterThan(0.8));
    }

    [Test]
    public async Task Import_ColumnsOfAnyTypeThatAreNotRead_DoNoHarm()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync(options => options.UseMicrosoftML());
        var ml = new MLContext(seed: 1);
        var zip = Save(ml, Strange.Draw(400, seed: 1), ml.Transforms.Concatenate("Features", "Value")
            .Append(ml.Regression.Trainers.LbfgsPoissonRegression("Target")));

        var imported = await temporary.Workspace.Models.ImportMicrosoftMLAsync("numbers", zip, import => import
            .Problem(problem => problem.Regression("Target"))
            .Judge(DataSources.Csv(Strange.Write(_folder, Strange.Draw(300, seed: 2)))));

        var reopened = await temporary.ReopenAsync();
        await reopened.ServeAsync("numbers");
        Assert.That(imported.Result.IsPromoted, Is.True, imported.Result.Reason);
        Assert.That(imported.Result.Inputs.Select(field => field.Name), Is.EqualTo(new[] { "Value" }));
        Assert.That(
            reopened.Endpoint("numbers").Predict(new Dictionary<string, object?> { ["Value"] = 2.0 }).Value.Score, Is.EqualTo(2).Within(1));
    }

    [Test]
    public async Task Import_ColumnThatIsReadAndCannotBeGiven_IsNamedWithItsType()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync(options => options.UseMicrosoftML());
        var ml = new MLContext(seed: 1);
        var zip = Save(ml, Strange.Draw(400, seed: 1), ml.Transforms.Conversion.ConvertType("Count2", "Count", DataKind.Single)
            .Append(ml.Transforms.Concatenate("Features", "Value", "Count2"))
            .Append(ml.Regression.Trainers.LbfgsPoissonRegression("Target")));

        Assert.That(
            () => temporary.Workspace.Models.ImportMicrosoftMLAsync("numbers", zip, import => import
                .Problem(problem => problem.Regression("Target"))
                .Judge(DataSources.Csv(Strange.Write(_folder, Strange.Draw(300, seed: 2))))),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("it reads 'Count' as UInt32, which is not supported"));
    }

    [Test]
    public async Task Import_RowWithoutAValue_IsNotCalledNoProbability()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync(options => options.UseMicrosoftML());
        var ml = new MLContext(seed: 1);
        var zip = Save(ml, Strange.Draw(400, seed: 1), ml.Transforms.Concatenate("Features", "Value")
            .Append(ml.Transforms.Conversion.MapValueToKey("Level"))
            .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy("Level")));
        var csv = Strange.Write(_folder, Strange.Draw(300, seed: 2));
        await File.AppendAllTextAsync(csv, ",1,1\n");

        Assert.That(
            () => temporary.Workspace.Models.ImportMicrosoftMLAsync("levels", zip, import => import
                .Problem(problem => problem.MulticlassClassification("Level")).Judge(DataSources.Csv(csv))),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("not finite").And.Property("Remedy").Contains("missing values"));
    }

    private static EstimatorChain<ColumnConcatenatingTransformer> Features(MLContext ml) =>
        ml.Transforms.Text.FeaturizeText("Words", nameof(Mail.Text))
            .Append(ml.Transforms.Concatenate("Features", "Words", nameof(Mail.Length)));

    private static double Score(Workspace workspace, Mail mail) => workspace.Endpoint("spam").Predict(
        new Dictionary<string, object?> { ["Text"] = mail.Text, ["Length"] = mail.Length }).Value.Score;

    private Task<ImportedMicrosoftMLModel> ImportAsync(
        Workspace workspace, string zip, string whenTrue, string whenFalse, string positive)
    {
        var csv = new StringBuilder("Text,Length,Label\n");
        foreach (var mail in s_judge)
        {
            csv.Append(CultureInfo.InvariantCulture, $"{mail.Text},{mail.Length},{(mail.Label ? whenTrue : whenFalse)}\n");
        }

        var path = Path.Combine(_folder, "judge.csv");
        File.WriteAllText(path, csv.ToString());
        return workspace.Models.ImportMicrosoftMLAsync("spam", zip, import => import
            .Problem(problem => problem.BinaryClassification("Label", positive))
            .Judge(DataSources.Csv(path), gates => gates.Optimize(Metric.RocAuc)));
    }

    private string Save<T>(MLContext ml, T[] rows, IEstimator<ITransformer> pipeline)
        where T : class
    {
        var view = ml.Data.LoadFromEnumerable(rows);
        var path = Path.Combine(_folder, "model.zip");
        ml.Model.Save(pipeline.Fit(view), view.Schema, path);
        return path;
    }

    private sealed class Answer
    {
        public float Probability { get; set; }
    }

    private sealed class Strange
    {
        public float Value { get; set; }

        public int Level { get; set; }

        public float Target { get; set; }

        public uint Count { get; set; }

        public byte Small { get; set; }

        public TimeSpan Span { get; set; }

        [KeyType(10)]
        public uint Key { get; set; }

        [VectorType(2)]
        public string[] Names { get; set; } = ["", ""];

        public static Strange[] Draw(int count, int seed)
        {
            var random = new Random(seed);
            return [.. Enumerable.Range(0, count).Select(_ =>
            {
                var value = (float)Math.Round(random.NextDouble() * 6 - 3, 3);
                return new Strange
                {
                    Value = value,
                    Level = value < -1 ? 3 : value < 1 ? 1 : 2,
                    Target = (float)Math.Round(Math.Exp(value / 3), 3),
                    Count = 1,
                    Key = 1,
                };
            })];
        }

        public static string Write(string folder, Strange[] rows)
        {
            var csv = new StringBuilder("Value,Level,Target\n");
            foreach (var row in rows) csv.Append(CultureInfo.InvariantCulture, $"{row.Value},{row.Level},{row.Target}\n");
            var path = Path.Combine(folder, "strange.csv");
            File.WriteAllText(path, csv.ToString());
            return path;
        }
    }
}
