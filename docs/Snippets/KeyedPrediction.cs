using MlOps.Sdk.Deployment;

namespace Acme;

/// <summary>Predictions whose ids another system can name.</summary>
internal static class KeyedPrediction
{
    public static Prediction<ChurnPrediction> Predict(
        IEndpoint<Customer, ChurnPrediction> endpoint, string customerNumber, string month, Customer customer)
    {
        // begin-snippet: keyed-prediction
        var answer = endpoint.Predict(customer, PredictionId.FromKey($"{customerNumber}/{month}"));
        // end-snippet
        return answer;
    }
}
