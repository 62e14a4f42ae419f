using LifecycleApp;
using MlOps.Sdk;
using MlOps.Sdk.Deployment;

var builder = WebApplication.CreateBuilder(args);
builder.Services
    .AddMlOps(builder.Configuration.GetSection("MlOps"))
    .AddLifecycle(ChurnLifecycle.Name, ChurnLifecycle.Define)
    .AddEndpoint<Customer, ChurnPrediction>(ChurnLifecycle.Name);
builder.Services.AddHealthChecks().AddMlOps();
builder.Services.AddProblemDetails();
var app = builder.Build();

// 503 until a version is live, and 400 for what is wrong with a request; the log has the reason.
app.UseExceptionHandler(new ExceptionHandlerOptions
{
    StatusCodeSelector = failure => failure switch
    {
        ModelNotLiveException => StatusCodes.Status503ServiceUnavailable,
        MlOpsException => StatusCodes.Status400BadRequest,
        BadHttpRequestException bad => bad.StatusCode,
        _ => StatusCodes.Status500InternalServerError,
    },
});

app.MapHealthChecks("/health/ready"); // ready when a version is live

app.MapPost("/predictions", (Customer customer, IEndpoint<Customer, ChurnPrediction> endpoint) => endpoint.Predict(customer));

// What came true, under the ids of the predictions: {"<id>": "Yes"}.
app.MapPost("/labels", (Dictionary<PredictionId, string> labels, Workspace workspace, CancellationToken cancellationToken) =>
    workspace.Monitor(ChurnLifecycle.Name).LabelAsync(labels, cancellationToken));

await app.RunAsync();
