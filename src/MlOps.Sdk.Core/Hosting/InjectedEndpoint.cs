using MlOps.Sdk.Deployment;

namespace MlOps.Sdk;

/// <summary>An endpoint that may be injected before the workspace is open.</summary>
internal sealed class InjectedEndpoint<TIn, TOut>(MlOpsHostedService host, string model) : IEndpoint<TIn, TOut>
{
    private Endpoint<TIn, TOut>? _endpoint;

    public string Name => model;

    public bool IsLive => host.IsOpen && Endpoint.IsLive;

    public Prediction<TOut> Predict(TIn row) => Endpoint.Predict(row);

    public Prediction<TOut> Predict(TIn row, PredictionId id) => Endpoint.Predict(row, id);

    public Prediction<TOut> Predict(TIn row, PredictionId id, string key) => Endpoint.Predict(row, id, key);

    public void PredictAll(ReadOnlySpan<TIn> rows, Span<Prediction<TOut>> answers) => Endpoint.PredictAll(rows, answers);

    private Endpoint<TIn, TOut> Endpoint => _endpoint ??= host.IsOpen
        ? host.Workspace.Endpoint<TIn, TOut>(model)
        : throw new ModelNotLiveException(
            $"No version of '{model}' is live: the workspace of the host is not open yet.",
            "Predict after the host has started, or await MlOpsHostedService.WaitUntilReadyAsync().");
}
