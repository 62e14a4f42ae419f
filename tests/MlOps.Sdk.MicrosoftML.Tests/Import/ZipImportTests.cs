using Microsoft.ML;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet;

internal sealed class ZipImportTests
{
    private static readonly Mail[] s_train = Mail.Draw(600, seed: 1);
    private static readonly Mail[] s_judge = Mail.Draw(400, seed: 2);

    private string _folder = "";

    [SetUp]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("mlops-import-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task ImportMicrosoftMLAsync_ModelWithProbabilities_AnswersAsMicrosoftMLDoes()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync(options => options.UseMicrosoftML());
        var ml = new MLContext(seed: 1);
        var zip = Save(ml, ml.BinaryClassification.Trainers.LbfgsLogisticRegression());

        var imported = await temporary.Workspace.Models.ImportMicrosoftMLAsync("spam", zip, Declare(atLeast: 0.6));

        var engine = ml.Model.CreatePredictionEngine<Mail, Spam>(ml.Model.Load(zip, out _));
        var endpoint = temporary.Workspace.Endpoint("spam");
        Assert.Multiple(() =>
        {
            Assert.That(imported.Result.IsPromoted, Is.True, imported.Result.Reason);
            Assert.That(imported.Signature, Is.EqualTo("reads Text: Text, Length: Number; writes P('true')"));
            Assert.That(imported.WrittenBy, Does.StartWith("5.0"));
            Assert.That(imported.Result.Metrics["roc_auc"].Value, Is.GreaterThan(0.7));
            Assert.That(endpoint.Input.Select(field => field.Name), Is.EqualTo(new[] { "Text", "Length" }));
            foreach (var mail in s_judge.Take(50))
            {
                Assert.That(endpoint.Predict(RowOf(mail)).Value.Score, Is.EqualTo((double)engine.Predict(mail).Probability));
            }
        });

        var reopened = await temporary.ReopenAsync();
        await reopened.ServeAsync("spam");
        Assert.That(
            reopened.Endpoint("spam").Predict(RowOf(s_judge[0])).Value.Score, Is.EqualTo((double)engine.Predict(s_judge[0]).Probability));
    }

    [Test]
    public async Task ImportMicrosoftMLAsync_ModelWithScoresOnly_IsCalibrated()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync(options => options.UseMicrosoftML());
        var ml = new MLContext(seed: 1);
        var zip = Save(ml, ml.BinaryClassification.Trainers.LinearSvm());

        var imported = await temporary.Workspace.Models.ImportMicrosoftMLAsync("spam", zip, Declare());

        var scores = s_judge.Select(mail => temporary.Workspace.Endpoint("spam").Predict(RowOf(mail)).Value.Score).ToArray();
        Assert.That(imported.Serving, Does.Contain("calibrated"));
        Assert.That(scores, Is.All.InRange(0.0, 1.0));
        Assert.That(scores.Average(), Is.EqualTo(s_judge.Average(mail => mail.Label ? 1.0 : 0.0)).Within(0.05));
        Assert.That(imported.Result.Rows, Is.EqualTo(200).Within(2), "the other half is what it was calibrated on");
    }

    [Test]
    public async Task ImportMicrosoftMLAsync_ColumnsThatTheRowsLack_AreAllListedWithNearNames()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync(options => options.UseMicrosoftML());
        var ml = new MLContext(seed: 1);
        var zip = Save(ml, ml.BinaryClassification.Trainers.LbfgsLogisticRegression());
        var csv = Path.Combine(_folder, "other.csv");
        await File.WriteAllTextAsync(csv, "Texts,Length,Label\na,long,true\nb,short,false\n");

        Assert.That(
            () => temporary.Workspace.Models.ImportMicrosoftMLAsync("spam", zip, import => import
                .Problem(problem => problem.BinaryClassification("Label", positive: "true"))
                .Judge(DataSources.Csv(csv))),
            Throws.TypeOf<MlOpsException>()
                .With.Message.Contains("'Text'").And.Message.Contains("did you mean 'Texts'?")
                .And.Message.Contains("'Length' as Single, and the rows have Text"));
        Assert.That(await temporary.Workspace.Models.ListAsync("spam"), Is.Empty);
    }

    [Test]
    public async Task ImportMicrosoftMLAsync_FileThatIsNoModelOrMissing_SaysSo()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync(options => options.UseMicrosoftML());
        var text = Path.Combine(_folder, "text.zip");
        await File.WriteAllTextAsync(text, "no zip");

        Assert.That(
            () => temporary.Workspace.Models.ImportMicrosoftMLAsync("spam", text, Declare()),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("cannot be unpacked"));
        Assert.That(
            () => temporary.Workspace.Models.ImportMicrosoftMLAsync("spam", Path.Combine(_folder, "none.zip"), Declare()),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("cannot be read"));
        Assert.That(
            () => temporary.Workspace.Models.ImportMicrosoftMLAsync("spam", text, _ => { }),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("Judge(…)"));
    }

    [Test]
    public async Task ImportMicrosoftMLAsync_UnknownAssemblyInAHeader_IsRefusedBeforeAnyLoad()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync(options => options.UseMicrosoftML());
        var zip = Path.Combine(_folder, "evil.zip");
        await File.WriteAllBytesAsync(zip, ModelFiles.With(
            ModelFiles.Trees, (_, content) => ModelFiles.Replace(content, "Microsoft.ML.FastTree,", "Contoso.Secret.Loader,")));

        Assert.That(
            () => temporary.Workspace.Models.ImportMicrosoftMLAsync("spam", zip, Declare()),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("'Contoso.Secret.Loader'").And.Message.Contains("Nothing was loaded"));
        Assert.That(await temporary.Workspace.Models.ListAsync("spam"), Is.Empty);
    }

    [Test]
    public async Task ImportMicrosoftMLAsync_FileBeyondTheLimit_IsNotRead()
    {
        var ml = new MLContext(seed: 1);
        var zip = Save(ml, ml.BinaryClassification.Trainers.LbfgsLogisticRegression());
        var length = new FileInfo(zip).Length;
        await using var temporary = await TemporaryWorkspace.OpenAsync(
            options => options.UseMicrosoftML(microsoftML => microsoftML.LargestModel = length - 1));

        Assert.That(
            () => temporary.Workspace.Models.ImportMicrosoftMLAsync("spam", zip, Declare()),
            Throws.TypeOf<MlOpsException>().With.Message.Contains($"{length} bytes").And.Property("Remedy").Contains("LargestModel"));
        Assert.That(
            () => new WorkspaceOptions().UseMicrosoftML(microsoftML => microsoftML.LargestModel = 0),
            Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public async Task ImportMicrosoftMLAsync_WorkspaceThatReadsNoModelsOfMicrosoftML_SaysWhatToCall()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync(_ => { });
        var ml = new MLContext(seed: 1);
        var zip = Save(ml, ml.BinaryClassification.Trainers.LbfgsLogisticRegression());

        Assert.That(
            () => temporary.Workspace.Models.ImportMicrosoftMLAsync("spam", zip, Declare()),
            Throws.TypeOf<MlOpsException>().With.Property("Remedy").Contains("UseMicrosoftML()"));
    }

    [Test]
    public async Task RunAsync_AfterAnImport_ComparesWithItOnTheSameRows()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync(options => options.UseMicrosoftML());
        var ml = new MLContext(seed: 1);
        var zip = Save(ml, ml.BinaryClassification.Trainers.LbfgsLogisticRegression(), withText: false);
        await temporary.Workspace.Models.ImportMicrosoftMLAsync("spam", zip, Declare());

        var run = await LifecycleBuilder.Create("spam")
            .DefineProblem(problem => problem.BinaryClassification("Label", positive: "true"))
            .CollectData(data => data.FromCsv(Mail.Write(_folder, "all.csv", Mail.Draw(3000, seed: 3))))
            .TrainModel(training => training
                .TryPipeline(MicrosoftML.Pipeline("words", "1", (ml, settings) => ml.Transforms.Text.FeaturizeText("Words", "Text")
                    .Append(ml.Transforms.Concatenate("Features", "Words", "Length"))
                    .Append(ml.BinaryClassification.Trainers.LbfgsLogisticRegression(settings.Label))))
                .CrossValidate(folds: 2))
            .DeployModel(deployment => deployment.ToProcess())
            .Build().RunAsync(temporary.Workspace);

        Assert.That(run.Deployment!.Comparison!.Champion, Is.EqualTo(1));
        Assert.That(run.Deployment.IsDeployed, Is.True, run.Deployment.Reason);
    }

    private static Dictionary<string, object?> RowOf(Mail mail) => new() { ["Text"] = mail.Text, ["Length"] = mail.Length };

    private Action<ModelImport> Declare(double? atLeast = null) => import => import
        .Problem(problem => problem.BinaryClassification("Label", positive: "true"))
        .Judge(DataSources.Csv(Mail.Write(_folder, "judge.csv", s_judge)), gates => gates.Optimize(Metric.RocAuc, atLeast));

    private string Save(MLContext ml, IEstimator<ITransformer> trainer, bool withText = true)
    {
        var view = ml.Data.LoadFromEnumerable(s_train);
        var features = withText
            ? ml.Transforms.Text.FeaturizeText("Words", nameof(Mail.Text))
                .Append(ml.Transforms.Concatenate("Features", "Words", nameof(Mail.Length)))
            : (IEstimator<ITransformer>)ml.Transforms.Concatenate("Features", nameof(Mail.Length));
        var model = features.Append(trainer).Fit(view);
        var path = Path.Combine(_folder, "model.zip");
        ml.Model.Save(model, view.Schema, path);
        return path;
    }

    private sealed class Spam
    {
        public float Probability { get; set; }
    }
}
