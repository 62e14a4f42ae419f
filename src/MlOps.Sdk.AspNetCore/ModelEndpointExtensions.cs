using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using MlOps.Sdk.AspNetCore;

namespace MlOps.Sdk;

/// <summary>Maps the routes of models.</summary>
public static class ModelEndpointExtensions
{
    /// <summary>
    /// Maps the models of the workspace: <c>GET</c> the list; <c>GET {model}</c>, <c>GET {model}/openapi.json</c>,
    /// <c>POST {model}/predict</c>, <c>POST {model}/labels</c>; <c>GET health/live</c> and <c>health/ready</c>; and with
    /// <see cref="ModelServingOptions.AdminPolicy"/>, <c>POST {model}/promote</c>, <c>{model}/rollback</c> and <c>{model}/traffic</c>.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="prefix">What the routes begin with. Default: <c>/models</c>.</param>
    /// <returns>All of these routes, to add for example a rate limit to them.</returns>
    /// <exception cref="InvalidOperationException">
    /// <see cref="ModelServingExtensions.AddModelServing"/> was not called, or the application has no authentication or authorization that
    /// the routes need.
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
        return map.Group;
    }
}
