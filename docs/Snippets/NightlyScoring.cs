using System.Data.Common;
using MlOps.Sdk;
using MlOps.Sdk.Deployment;

namespace Acme;

/// <summary>All customers, scored every night.</summary>
internal static class NightlyScoring
{
    public static async Task<ScoringReport> ScoreAsync(
        Workspace workspace, string csv, DbDataSource database, DateOnly night, TextWriter output, CancellationToken cancellationToken)
    {
        // begin-snippet: nightly-scoring
        await workspace.ServeAsync("customer-churn", cancellationToken); // what was promoted since, live here so that rows can be recorded

        var report = await workspace.ScoreAsync(
            "customer-churn",
            DataSources.Csv(csv),
            DataSinks.Database(database, "churn_scores", table => table.CreateTable = true),
            new ScoringOptions
            {
                Keep = ["customer_id"],
                KeyColumn = "customer_id",
                KeyPrefix = $"{night:yyyy-MM-dd}/", // an id for each customer and night: a night that is done again is recorded once
                Record = true,                      // seen by the drift monitors
            },
            cancellationToken: cancellationToken);

        output.WriteLine($"{report.Rows} rows of {report.Source} by version {report.Version}, {report.RecordedRows} of them recorded");
        // end-snippet
        return report;
    }

    public static async Task<double> PredictAllAsync(Workspace workspace, Customer[] customers, string path)
    {
        // begin-snippet: predict-all
        var endpoint = workspace.Endpoint<Customer, ChurnPrediction>("customer-churn");
        var answers = new Prediction<ChurnPrediction>[customers.Length];
        endpoint.PredictAll(customers, answers); // one version for all, an id for each
        // end-snippet

        // begin-snippet: write-tables
        await DataSources.Objects(answers.Select(answer => new { Id = answer.Id.ToString(), answer.Value.Probability, answer.Version }))
            .WriteToAsync(DataSinks.Arrow(path));

        var rows = await DataSources.Arrow(path).ReadAllAsync();
        await rows.WriteToAsync(DataSinks.Csv(Path.ChangeExtension(path, ".csv"), csv => csv.NullToken = "NULL"));
        // end-snippet
        return answers.Average(answer => answer.Value.Probability);
    }
}
