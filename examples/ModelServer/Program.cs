using Microsoft.AspNetCore.Server.Kestrel.Core;
using MlOps.Sdk;
using ModelServer;

var builder = WebApplication.CreateBuilder(args);

// begin-snippet: model-server
builder.Services.Configure<KestrelServerOptions>(builder.Configuration.GetSection("Kestrel"));
builder.Services.AddApiKeys(builder.Configuration);
builder.Services
    .AddMlOps(builder.Configuration.GetSection("MlOps"))
    .AddServedModels(builder.Configuration.GetSection("Models").Get<string[]>() ?? []) // none: all that are promoted
    .AddModelServing(options => builder.Configuration.Bind("Serving", options));

var app = builder.Build();
app.MapModels();
app.MapOpenInference();
await app.RunAsync();
// end-snippet
