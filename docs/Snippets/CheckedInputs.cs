using MlOps.Sdk;
using MlOps.Sdk.Deployment;

namespace Acme;

/// <summary>What a model expects of its input, and who hears of what it does not expect.</summary>
internal static class CheckedInputs
{
    public static DeploymentBuilder Declare(DeploymentBuilder deployment)
    {
        // begin-snippet: check-inputs
        deployment
            .ToProcess()
            .CheckInputs(inputs => inputs
                .MissingColumns(InputHandling.Reject)
                .ExtraColumns(InputHandling.Reject, except: "customer_id")
                .Mistyped(InputHandling.Reject)
                .OutOfDomain(InputHandling.Flag, slack: 0.1) // a tenth of the width of the range, on either side
                .Unseen(InputHandling.Flag)
                .Column("tenure", tenure => tenure.Missing(InputHandling.Default).Default(0)));
        // end-snippet
        return deployment;
    }

    public static string Answer(DynamicEndpoint endpoint, IReadOnlyDictionary<string, object?> row)
    {
        // begin-snippet: rejected-inputs
        try
        {
            var prediction = endpoint.Predict(row);
            return prediction.IsFlagged ? $"{prediction.Value.Label}, on unusual values" : $"{prediction.Value.Label}";
        }
        catch (InputRejectedException e)
        {
            return string.Join("\n", e.Problems.Select(problem => $"{problem.Column}: {problem.Problem} {problem.Remedy}"));
        }
        // end-snippet
    }
}
