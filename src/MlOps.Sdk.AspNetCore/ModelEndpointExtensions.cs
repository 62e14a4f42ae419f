using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using MlOps.Sdk.AspNetCore;
using MlOps.Sdk.Data;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk;

/// <summary>Maps the routes of models.</summary>
public static class ModelEndpointExtensions
{
    /// <summary>
    /// Maps the models of the workspace: <c>GET</c> the list; <c>GET {model}</c>, <c>GET {model}/openapi.json</c>,
    /// <c>POST {model}/predict</c>, <c>POST {model}/labels</c>; <c>GET health/live</c> and <c>health/ready</c>; and with
    /// <see cref="ModelServingOptions.AdminPolicy"/>, <c>POST {model}/promote</c>, <c>{model}/rollback</c>, <c>{model}/traffic</c>,
    /// <c>{model}/stop</c>, <c>{model}/resume</c>, <c>{model}/rollout/cancel</c> and <c>{model}/releases</c>, and
    /// <c>GET {model}/versions</c>,
    /// <c>{model}/traffic</c> and <c>{model}/history</c>.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="prefix">What the routes begin with. Default: <c>/models</c>.</param>
    /// <returns>All of these routes, to add for example a rate limit to them.</returns>
    /// <exception cref="InvalidOperationException">
    /// <see cref="ModelServingExtensions"/>.<c>AddModelServing</c> was not called, or the application has no authentication or
    /// authorization that the routes need.
    /// </exception>
    public static IEndpointConventionBuilder MapModels(this IEndpointRouteBuilder endpoints, string prefix = "/models")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(prefix);
        var map = RouteMap.Begin(endpoints, prefix, RejectionFormat.Problem, nameof(MapModels));
        var predictor = new Predictor(map.Server);
        map.Predict(HttpMethods.Post, "/{model}/predict", PredictRoute.Kind, new PredictRoute(map.Server, predictor).HandleAsync);
        var models = new ModelRoutes(map.Server);
        map.Predict(HttpMethods.Get, "", "list", models.ListAsync);
        map.Predict(HttpMethods.Get, "/{model}", "metadata", models.DescribeAsync);
        map.Predict(HttpMethods.Get, "/{model}/openapi.json", "openapi", models.OpenApiAsync);
        map.Label(HttpMethods.Post, "/{model}/labels", "labels", new LabelRoute(map.Server).HandleAsync);
        var health = new HealthRoutes(map.Server);
        map.Open(HttpMethods.Get, "/health/live", "health", health.LiveAsync);
        map.Open(HttpMethods.Get, "/health/ready", "health", health.ReadyAsync);
        var admin = new AdminRoutes(map.Server);
        map.Admin(HttpMethods.Post, "/{model}/promote", "promote", admin.PromoteAsync);
        map.Admin(HttpMethods.Post, "/{model}/rollback", "rollback", admin.RollBackAsync);
        map.Admin(HttpMethods.Post, "/{model}/traffic", "traffic", admin.DivideAsync);
        map.Admin(HttpMethods.Post, "/{model}/stop", "stop", admin.StopAsync);
        map.Admin(HttpMethods.Post, "/{model}/resume", "resume", admin.ResumeAsync);
        map.Admin(HttpMethods.Post, "/{model}/rollout/cancel", "cancel-rollout", admin.CancelRolloutAsync);
        map.Admin(
            HttpMethods.Post, "/{model}/releases", "releases", new ReceiveRoute(map.Server).HandleAsync, map.Server.Options.ReleaseTimeout);
        var releases = new ReleaseRoutes(map.Server);
        map.Admin(HttpMethods.Get, "/{model}/versions", "versions", releases.VersionsAsync);
        map.Admin(HttpMethods.Get, "/{model}/traffic", "traffic", releases.TrafficAsync);
        map.Admin(HttpMethods.Get, "/{model}/history", "history", releases.HistoryAsync);
        return map.Group;
    }

    /// <summary>
    /// Maps the models of the workspace for clients of the Open Inference Protocol (KServe V2, REST): <c>GET v2</c>, <c>v2/health/live</c>,
    /// <c>v2/health/ready</c>, <c>v2/models/{model}</c> and <c>v2/models/{model}/ready</c>, and <c>POST v2/models/{model}/infer</c>, each
    /// of
    /// the last three also for a version that is served. An input is a tensor for each column.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="prefix">What the routes begin with. Default: nothing.</param>
    /// <returns>All of these routes.</returns>
    /// <exception cref="InvalidOperationException">As with <see cref="MapModels"/>.</exception>
    public static IEndpointConventionBuilder MapOpenInference(this IEndpointRouteBuilder endpoints, string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(prefix);
        var map = RouteMap.Begin(endpoints, prefix, InferRoutes.Format, nameof(MapOpenInference));
        var routes = new InferRoutes(map.Server, new Predictor(map.Server));
        map.Predict(HttpMethods.Get, "/v2", "metadata", routes.ServerAsync);
        map.Open(HttpMethods.Get, "/v2/health/live", "health", routes.LiveAsync);
        map.Open(HttpMethods.Get, "/v2/health/ready", "health", routes.ReadyAsync);
        foreach (var model in new[] { "/v2/models/{model}", "/v2/models/{model}/versions/{version}" })
        {
            map.Predict(HttpMethods.Get, model, "metadata", routes.ModelAsync);
            map.Predict(HttpMethods.Get, $"{model}/ready", "metadata", routes.ModelReadyAsync);
            map.Predict(HttpMethods.Post, $"{model}/infer", InferRoutes.Kind, routes.InferAsync);
        }

        return map.Group;
    }

    /// <summary>
    /// Maps one model for clients of MLflow's scoring server: <c>POST invocations</c>, <c>GET ping</c>, <c>health</c> and <c>version</c>.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="prefix">What the routes begin with. Default: nothing, as MLflow has it.</param>
    /// <param name="records">
    /// Whether a prediction is an object with <c>score</c>, <c>label</c> and <c>prediction_id</c>. Default: the label, or the number of a
    /// regression.
    /// </param>
    /// <returns>All of these routes.</returns>
    /// <exception cref="ArgumentException">The name cannot be that of a model.</exception>
    /// <exception cref="InvalidOperationException">As with <see cref="MapModels"/>.</exception>
    public static IEndpointConventionBuilder MapMLflowScoring(
        this IEndpointRouteBuilder endpoints, string model, string prefix = "", bool records = false)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        if (!ModelName.IsValid(model))
        {
            throw new ArgumentException(
                $"'{PrintableText.Shorten(model)}' cannot be the name of a model: use {ModelName.Rule}.", nameof(model));
        }
        var map = RouteMap.Begin(endpoints, prefix, InvocationRoutes.Format, nameof(MapMLflowScoring));
        var routes = new InvocationRoutes(map.Server, new Predictor(map.Server), model, records);
        map.Predict(HttpMethods.Post, "/invocations", InvocationRoutes.Kind, routes.InvokeAsync);
        map.Open(HttpMethods.Get, "/ping", "health", routes.PingAsync);
        map.Open(HttpMethods.Get, "/health", "health", routes.PingAsync);
        map.Predict(HttpMethods.Get, "/version", "metadata", routes.VersionAsync);
        return map.Group;
    }
}
