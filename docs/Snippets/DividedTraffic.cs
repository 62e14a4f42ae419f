using MlOps.Sdk;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;

namespace Acme;

internal static class DividedTraffic
{
    public static async Task CanaryAsync(Workspace workspace, int version, CancellationToken cancellationToken)
    {
        // begin-snippet: divide-traffic
        await workspace.Traffic.DivideAsync(
            "customer-churn",
            [new TrafficArm("canary", version, Share: 0.05)],
            "5 % of the calls, for a day",
            cancellationToken: cancellationToken);
        // end-snippet
    }

    public static async Task StopAsync(Workspace workspace)
    {
        // begin-snippet: stop-model
        await workspace.Traffic.StopAsync("customer-churn", "the prices in the data are wrong");

        // and when they are right again
        await workspace.Traffic.ResumeAsync("customer-churn", "the prices are right again");
        // end-snippet
    }

    public static string AnswerOf(IEndpoint<Customer, ChurnPrediction> endpoint, Customer customer, string number)
    {
        // begin-snippet: predict-with-key
        var prediction = endpoint.Predict(customer, PredictionId.New(), key: number); // the same customer, the same arm
        return $"{prediction.Arm}, version {prediction.Version}: {prediction.Value.Probability:P0}";
        // end-snippet
    }
}
