using HostedService;
using Microsoft.AspNetCore.Diagnostics;
using MlOps.Sdk;
using MlOps.Sdk.Deployment;

var builder = WebApplication.CreateBuilder(args);
var table = Path.Combine(AppContext.BaseDirectory, "data", "telco-churn.csv");
// begin-snippet: web-host
builder.Services
    .AddMlOps(builder.Configuration.GetSection("MlOps"))
    .AddLifecycle(ChurnLifecycle.Name, churn => ChurnLifecycle.Define(churn, table))
    .AddEndpoint<Customer, ChurnAnswer>(ChurnLifecycle.Name);
builder.Services.AddHealthChecks().AddMlOps();
// end-snippet

// begin-snippet: web-errors
// The caller is told what is wrong with a request: the messages of the library hold no secrets and no values of other rows.
builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
builder.Services.AddProblemDetails(options => options.CustomizeProblemDetails = context =>
    context.ProblemDetails.Detail = context.Exception switch
    {
        MlOpsException failure => failure.Message,
        BadHttpRequestException failure => failure.InnerException?.Message ?? failure.Message,
        _ => null,
    });

var app = builder.Build();
app.UseExceptionHandler(new ExceptionHandlerOptions
{
    // Before the first version is live, a caller may try again; anything else that the library rejects is in the request.
    StatusCodeSelector = failure => failure switch
    {
        ModelNotLiveException => StatusCodes.Status503ServiceUnavailable,
        MlOpsException => StatusCodes.Status400BadRequest,
        BadHttpRequestException bad => bad.StatusCode,
        _ => StatusCodes.Status500InternalServerError,
    },
    SuppressDiagnosticsCallback = context => context.Exception is MlOpsException or BadHttpRequestException,
});
// end-snippet
// begin-snippet: web-endpoints
app.MapHealthChecks("/health/ready");

app.MapPost("/predictions", (Customer customer, IEndpoint<Customer, ChurnAnswer> endpoint) => endpoint.Predict(customer));

app.MapPost("/labels", (Dictionary<PredictionId, string> labels, Workspace workspace, CancellationToken cancellationToken) =>
    workspace.Monitor(ChurnLifecycle.Name).LabelAsync(labels, cancellationToken));
// end-snippet

app.MapPost("/retrainings", async (
    Retrain request,
    [FromKeyedServices(ChurnLifecycle.Name)] Lifecycle lifecycle,
    Workspace workspace,
    CancellationToken cancellationToken) =>
{
    var result = await lifecycle.RetrainNowAsync(workspace, request.Reason, cancellationToken: cancellationToken);
    return new { result.Outcome, result.Reason, result.Run?.Deployment?.Version };
});

// begin-snippet: web-pages
// Pages of the run that the live version came of: the training rows, and what was decided on the holdout.
app.MapGet("/exploration", (Workspace workspace, CancellationToken cancellationToken) =>
    ShowAsync(workspace, run => run.Exploration!.ToHtml("Customer churn: the training rows"), cancellationToken));
app.MapGet("/run", (Workspace workspace, CancellationToken cancellationToken) =>
    ShowAsync(workspace, run => run.ToHtml(), cancellationToken));
// end-snippet

await app.RunAsync();

// begin-snippet: web-page-of-a-run
static async Task<IResult> ShowAsync(Workspace workspace, Func<LifecycleRun, string> page, CancellationToken cancellationToken)
{
    if (await workspace.Models.FindByAliasAsync(ChurnLifecycle.Name, "champion", cancellationToken) is not { RunId: { } runId })
    {
        return Results.NotFound();
    }
    var run = await workspace.LifecycleRunAsync(runId, cancellationToken);
    return Results.Content(page(run), "text/html");
}
// end-snippet

/// <summary>Why a retraining is requested.</summary>
internal sealed record Retrain(string Reason);
