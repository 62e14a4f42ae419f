using MlOps.Sdk;

namespace ModelServer;

/// <summary>
/// The server as the container of an Amazon SageMaker endpoint, which is started with the argument <c>serve</c>: one model, whose signed
/// release SageMaker has unpacked, on port 8080. SageMaker sends no credentials, and nobody else reaches the container.
/// </summary>
internal static class SageMakerContainer
{
    /// <summary>Whether SageMaker started the program.</summary>
    public static bool IsAsked(string[] args) => args.Contains("serve", StringComparer.Ordinal);

    /// <summary>The model, which the deployment names.</summary>
    private static string ModelOf(IConfiguration configuration) => configuration["MLOPS_ENDPOINT"] ?? throw new InvalidOperationException(
        "MLOPS_ENDPOINT is not set. Deploy with ToSageMaker, or set it to the name of the model.");

    /// <summary>Maps the routes that SageMaker calls.</summary>
    public static void Map(WebApplication app) => app.MapSageMaker(
        ModelOf(app.Configuration), app.Configuration.GetSection("SageMaker:CsvColumns").Get<string[]>());

    /// <summary>
    /// Sets what the container has to be: one model, no credentials, no routes that change releases. The folders are those of the
    /// settings, else those of SageMaker.
    /// </summary>
    public static void Configure(WebApplicationBuilder builder)
    {
        var given = builder.Configuration;
        if (given.GetSection("Trust").Get<string[]>() is not { Length: > 0 })
        {
            throw new InvalidOperationException("Trust is empty. Set Trust__0 to the public key (PEM) of who signs releases.");
        }
        given.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["MlOps:Workspace"] = given["MlOps:Workspace"] ?? Path.Combine(Path.GetTempPath(), "mlops"),
            ["Models:0"] = ModelOf(given),
            ["Releases"] = given["Releases"] ?? "/opt/ml/model",
            ["Serving:AllowAnonymousPredictions"] = "true",
            ["Serving:AdminPolicy"] = null,
        });
        if (given["urls"] is null) builder.WebHost.UseUrls("http://*:8080");
    }
}
