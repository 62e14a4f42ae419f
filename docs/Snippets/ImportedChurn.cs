using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk;
using MlOps.Sdk.MLNet;

namespace Acme;

/// <summary>Model files of Microsoft.ML that another team writes.</summary>
internal static class ImportedChurn
{
    public static async Task<ImportedMicrosoftMLModel> ImportAsync(
        Workspace workspace, string zip, string holdout, TextWriter output, CancellationToken cancellationToken)
    {
        // begin-snippet: import-microsoft-ml
        var imported = await workspace.Models.ImportMicrosoftMLAsync(
            "churn",
            zip,
            import => import
                .Problem(problem => problem.BinaryClassification("churn", positive: "Yes"))
                .Judge(DataSources.Csv(holdout), gates => gates.Optimize(Metric.RocAuc, atLeast: 0.7))
                .GoldenRows(100), // kept with their answers, and compared before it is served
            cancellationToken: cancellationToken);
        output.WriteLine(imported.Signature); // reads tenure: Integer, contract: Text; writes P('Yes')
        output.WriteLine(imported.Serving);
        output.WriteLine(imported.Result.Reason); // why it is live, or why not
        // end-snippet
        return imported;
    }

    public static void Host(IServiceCollection services, string zip, string holdout)
    {
        // begin-snippet: endpoint-of-a-microsoft-ml-file
        services.AddMlOps()
            .AddMicrosoftML()
            .AddEndpoint<Customer, ChurnPrediction>("churn", endpoint => endpoint.FromMicrosoftMLFile(
                zip,
                import => import
                    .Problem(problem => problem.BinaryClassification("churn", positive: "Yes"))
                    .Judge(DataSources.Csv(holdout), gates => gates.Optimize(Metric.RocAuc, atLeast: 0.7)),
                watch: true));
        // end-snippet
    }
}
