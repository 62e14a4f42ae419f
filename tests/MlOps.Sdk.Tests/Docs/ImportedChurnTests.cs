using Acme;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Deployment;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Docs;

/// <summary>The code of the page of Microsoft.ML about model files, run.</summary>
[TestFixture]
public sealed class ImportedChurnTests
{
    // The event that says that a file was not imported.
    private const int NotImported = 1304;

    private TempFolder _folder = null!;
    private string _zip = "";
    private string _holdout = "";

    [SetUp]
    public void Prepare()
    {
        _folder = new TempFolder();
        _zip = _folder["model.zip"];
        _holdout = _folder["holdout.csv"];
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "data", "telco-churn.csv"));
        File.WriteAllLines(_holdout, lines.Where((_, i) => i == 0 || i % 4 == 1));
    }

    [TearDown]
    public void Delete() => _folder.Dispose();

    [Test]
    public async Task ImportAsync_ModelOfTwoColumns_GoesLive()
    {
        await SaveAsync(_zip, "tenure", "contract");
        await using var workspace = await Workspace.OpenAsync(_folder["workspace"], options => options.UseMicrosoftML());
        using var output = new StringWriter();

        var imported = await ImportedChurn.ImportAsync(workspace, _zip, _holdout, output, CancellationToken.None);

        Assert.That(imported.Result.IsPromoted, Is.True, imported.Result.Reason);
        Assert.That(output.ToString(), Does.StartWith("reads tenure: Integer, contract: Text; writes P('Yes')"));
        var answer = workspace.Endpoint("churn").Predict(
            new Dictionary<string, object?> { ["tenure"] = 1, ["contract"] = "Month-to-month" });
        Assert.That(answer.Value.Score, Is.InRange(0.3, 0.9));
    }

    [Test]
    public async Task Host_FileThatIsReplaced_ServesTheBetterOneAndKeepsItWhenTheNextIsDamaged()
    {
        await SaveAsync(_zip, "tenure");
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton<TimeProvider>(time);
        var refused = 0;
        builder.Services.AddSingleton<ILoggerFactory>(new LogWatcher(id => refused += id.Id == NotImported ? 1 : 0));
        builder.Services.AddMlOps(options => options.Workspace = _folder["workspace"]);
        ImportedChurn.Host(builder.Services, _zip, _holdout);
        using var host = builder.Build();
        await host.StartAsync();
        var endpoint = host.Services.GetRequiredKeyedService<IEndpoint<Customer, ChurnPrediction>>("churn");
        var customer = new Customer(Female: 1, Tenure: 2, MonthlyCharges: 95.5, Contract: "Month-to-month", InternetService: "Fiber optic");
        var first = endpoint.Predict(customer);
        Assert.That(first.Version, Is.EqualTo(1));

        // A better model takes the file's name; then a file that is none.
        await SaveAsync(_zip + ".next", "tenure", "contract");
        File.Move(_zip + ".next", _zip, overwrite: true);
        await UntilAsync(time, () => endpoint.Predict(customer).Version == 2);
        var second = endpoint.Predict(customer);
        await File.WriteAllTextAsync(_zip, "no model");
        await UntilAsync(time, () => Volatile.Read(ref refused) > 0);

        Assert.That(endpoint.Predict(customer).Version, Is.EqualTo(2));
        Assert.That(
            endpoint.Predict(customer).Value.Probability,
            Is.EqualTo(second.Value.Probability).And.Not.EqualTo(first.Value.Probability));
        await host.StopAsync();
    }

    [Test]
    public void Host_EndpointWithoutRowsToJudgeOn_IsRefusedWhenItIsAdded() => Assert.That(
        () => new ServiceCollection().AddMlOps().AddMicrosoftML().AddEndpoint<Customer, ChurnPrediction>(
            "churn", endpoint => endpoint.FromMicrosoftMLFile(_zip, import => import.Problem(
                problem => problem.BinaryClassification("churn", positive: "Yes")))),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("Judge(…)"));

    // As a team that uses ML.NET alone trains and saves.
    private static async Task SaveAsync(string path, params string[] columns)
    {
        var rows = await DataSources.Csv(Path.Combine(AppContext.BaseDirectory, "data", "telco-churn.csv")).ReadAllAsync();
        var ml = new MLContext(seed: 1);
        var view = ml.Data.LoadFromEnumerable(Enumerable.Range(0, rows.RowCount).Where(i => i % 4 != 0).Select(i => new Trained
        {
            Tenure = (float)rows["tenure"].GetNumber(i),
            Contract = rows["contract"].GetText(i)!,
            Label = rows["churn"].GetText(i) == "Yes",
        }));
        var pipeline = ml.Transforms.Categorical.OneHotEncoding("Levels", "contract")
            .Append(ml.Transforms.Concatenate("Features", [.. columns.Select(column => column == "contract" ? "Levels" : column)]))
            .Append(ml.BinaryClassification.Trainers.LbfgsLogisticRegression());
        ml.Model.Save(pipeline.Fit(view), ml.Data.LoadFromEnumerable(Array.Empty<Asked>()).Schema, path);
    }

    // The host's own work is waited for by moving the clock until it has been done.
    private static async Task UntilAsync(FakeTimeProvider time, Func<bool> done)
    {
        for (var i = 0; !done(); i++)
        {
            Assert.That(i, Is.LessThan(1_000_000), "The host does not notice the file.");
            time.Advance(TimeSpan.FromSeconds(2));
            await Task.Yield();
        }
    }

    /// <summary>A row that the other team reads.</summary>
    private class Asked
    {
        [ColumnName("tenure")]
        public float Tenure { get; set; }

        [ColumnName("contract")]
        public string Contract { get; set; } = "";
    }

    private sealed class Trained : Asked
    {
        public bool Label { get; set; }
    }
}
