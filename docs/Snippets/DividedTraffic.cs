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

    public static async Task FallBackAsync(Workspace workspace, int earlier)
    {
        // begin-snippet: set-fallback
        await workspace.Traffic.SetFallbackAsync(
            "customer-churn",
            ModelFallback.ToVersion(earlier) with { Circuit = new CircuitOptions { FailureRatio = 0.2 } },
            "in case the new version fails");
        // end-snippet
    }

    public static void FallBackByRule(Workspace workspace)
    {
        // begin-snippet: fallback-rule
        workspace.UseFallback(
            "customer-churn",
            row => row.Text("contract") == "Month-to-month" && row.Number("tenure") < 12
                ? new FallbackAnswer(Label: "Yes")
                : new FallbackAnswer(Label: "No"));
        // end-snippet
    }

    public static async Task<string> ShadowAsync(Workspace workspace, int version)
    {
        // begin-snippet: shadow
        await workspace.Traffic.DivideAsync(
            "customer-churn",
            [new TrafficArm("shadow", version, Share: 0.2, IsShadow: true)],
            "a fifth of the calls, compared");

        // and a day later
        var shadow = (await workspace.Traffic.ShadowAsync("customer-churn"))[0];
        return $"{shadow.Rows:N0} calls, {shadow.Changed:N0} decisions changed " +
            $"({shadow.ChangedShare.Lower:P1} to {shadow.ChangedShare.Upper:P1}), {shadow.Errors} errors, {shadow.Dropped} dropped, " +
            $"99 % within {shadow.Latency99.TotalMilliseconds:0.0} ms";
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
