using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using MlOps.Sdk.AspNetCore;
using MlOps.Sdk.Data;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk;

/// <summary>Maps the routes that Amazon SageMaker calls in a container.</summary>
public static class SageMakerServingExtensions
{
    /// <summary>
    /// Maps one model as SageMaker calls it: <c>GET ping</c>, and <c>POST invocations</c> with <c>application/json</c> in the forms of
    /// MLflow's scoring server or with <c>text/csv</c>. Answers are JSON with score, label and id, or CSV with label and score as
    /// <c>Accept</c> asks. SageMaker calls without credentials, and nobody else reaches the container: set
    /// <see cref="ModelServingOptions.AllowAnonymousPredictions"/> there.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="csvColumns">
    /// The order of the values in CSV without a first line of names; <see langword="null"/> to reject such CSV, because values in a wrong
    /// order would be scored all the same.
    /// </param>
    /// <returns>Both routes.</returns>
    /// <exception cref="ArgumentException">
    /// The name cannot be that of a model, or <paramref name="csvColumns"/> is empty or has an empty name or one twice.
    /// </exception>
    /// <exception cref="InvalidOperationException">As with <see cref="ModelEndpointExtensions.MapModels"/>.</exception>
    public static IEndpointConventionBuilder MapSageMaker(
        this IEndpointRouteBuilder endpoints, string model, IReadOnlyList<string>? csvColumns = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        if (!ModelName.IsValid(model))
        {
            throw new ArgumentException(
                $"'{PrintableText.Shorten(model)}' cannot be the name of a model: use {ModelName.Rule}.", nameof(model));
        }
        string[]? columns = csvColumns is null ? null : [.. csvColumns];
        if (columns is not null
            && (columns.Length == 0
                || columns.Any(string.IsNullOrEmpty)
                || columns.Distinct(StringComparer.Ordinal).Count() < columns.Length))
        {
            throw new ArgumentException("The columns of CSV are empty, or have an empty name or one twice.", nameof(csvColumns));
        }
        var map = RouteMap.Begin(endpoints, "", InvocationRoutes.Format, nameof(MapSageMaker));
        var predictor = new Predictor(map.Server);
        var routes = new SageMakerRoutes(map.Server, predictor, model, columns);
        map.Predict(HttpMethods.Post, "/invocations", InvocationRoutes.Kind, routes.InvokeAsync);
        map.Open(HttpMethods.Get, "/ping", "health", new InvocationRoutes(map.Server, predictor, model, isRecords: true).PingAsync);
        return map.Group;
    }
}
