using Acme;
using Microsoft.Data.Sqlite;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Docs;

/// <summary>The code of the page about batch scoring, run.</summary>
[TestFixture]
public sealed class NightlyScoringTests
{
    [Test]
    public async Task Score_ANightTwiceAndTheNext_RecordsEachNightOnce()
    {
        using var folder = new TempFolder();
        var csv = Path.Combine(AppContext.BaseDirectory, "data", "telco-churn.csv");
        var lines = File.ReadAllLines(csv);
        File.WriteAllLines(folder["customers.csv"], lines.Take(1001).Select((line, i) => i == 0 ? $"customer_id,{line}" : $"c{i},{line}"));
        await using var workspace = await Workspace.OpenAsync(folder["workspace"]);
        var builder = LifecycleBuilder.Create(ChurnLifecycle.Name);
        ChurnLifecycle.Define(builder, csv);
        await builder.Build().RunAsync(workspace);
        await using var database = SqliteFactory.Instance.CreateDataSource($"Data Source={folder["scores.db"]};Pooling=False");
        using var output = new StringWriter();

        foreach (var night in (int[])[1, 1, 2])
        {
            await NightlyScoring.ScoreAsync(
                workspace, folder["customers.csv"], database, new DateOnly(2026, 1, night), output, CancellationToken.None);
        }

        var scores = await DataSources.Database(database, "SELECT * FROM churn_scores").ReadAllAsync();
        var recorded = await new PredictionTable(workspace.Store).CountAsync(ChurnLifecycle.Name);
        Assert.That((scores.RowCount, recorded), Is.EqualTo((3_000, 2_000L)));
        Assert.That(
            scores.Schema.Select(field => field.Name),
            Is.EqualTo(new[] { "customer_id", "prediction_id", "model_version", "score", "decision" }));
        Assert.That(output.ToString(), Does.StartWith("1000 rows of customers.csv by version 1, 1000 of them recorded"));
    }

    [Test]
    public async Task PredictAll_Customers_AreWrittenAsFiles()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder["workspace"]);
        var builder = LifecycleBuilder.Create(ChurnLifecycle.Name);
        ChurnLifecycle.Define(builder, Path.Combine(AppContext.BaseDirectory, "data", "telco-churn.csv"));
        await builder.Build().RunAsync(workspace);
        var customers = Enumerable.Range(0, 300).Select(i => new Customer(i % 2, i % 72, 20 + i / 4.0, "One year", "DSL")).ToArray();

        var mean = await NightlyScoring.PredictAllAsync(workspace, customers, folder["scores.arrow"]);

        var rows = await DataSources.Csv(folder["scores.csv"]).ReadAllAsync();
        Assert.That(rows.RowCount, Is.EqualTo(300));
        Assert.That(Enumerable.Range(0, 300).Average(rows["probability"].GetNumber), Is.EqualTo(mean).Within(1e-12));
    }
}
