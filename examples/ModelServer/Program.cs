using Microsoft.AspNetCore.Server.Kestrel.Core;
using MlOps.Sdk;
using ModelServer;

// The settings are those beside the program, whatever folder it is started from.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });

// begin-snippet: model-server
builder.Services.Configure<KestrelServerOptions>(builder.Configuration.GetSection("Kestrel"));
builder.Services.AddApiKeys(builder.Configuration);
builder.Services.AddProblemDetails(); // with UseStatusCodePages: a body for 401, 403 and 405
var isSageMaker = SageMakerContainer.IsAsked(args); // with the argument serve
if (isSageMaker) SageMakerContainer.Configure(builder);
builder.Services
    .AddMlOps(builder.Configuration.GetSection("MlOps"))
    .AddServedModels(builder.Configuration.GetSection("Models").Get<string[]>() ?? []) // none: all that are promoted
    .AddReleases(builder.Configuration) // of other workspaces, if there are any
    .AddModelServing(builder.Configuration.GetSection("Serving"));

var app = builder.Build();
app.UseStatusCodePages(); // before the two that answer 401 and 403
app.UseAuthentication();
app.UseAuthorization();
app.MapModels();
app.MapOpenInference();
if (isSageMaker) SageMakerContainer.Map(app);
await app.RunAsync();
// end-snippet
