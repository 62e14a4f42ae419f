using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk;

namespace Acme;

internal static class ServedOverHttp
{
    public static void Add(WebApplicationBuilder builder)
    {
        // begin-snippet: http-services
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy("release", policy => policy.RequireRole("release-managers"));
        builder.Services.AddRateLimiter(limits => limits.AddFixedWindowLimiter("models", window =>
        {
            window.PermitLimit = 1_000;
            window.Window = TimeSpan.FromSeconds(1);
        }));
        builder.Services
            .AddMlOps(options => options.Workspace = "/data/mlops")
            .AddServedModels("customer-churn")
            .AddModelServing(options =>
            {
                options.AdminPolicy = "release";
                options.BatchRows = 1_000;
                options.RequestTimeout = TimeSpan.FromSeconds(5);
            });
        // end-snippet
    }

    public static void Map(WebApplication app)
    {
        // begin-snippet: http-routes
        app.UseRateLimiter();
        app.MapModels("/models").RequireRateLimiting("models");
        app.MapOpenInference(); // v2/models/customer-churn/infer
        app.MapMLflowScoring("customer-churn"); // invocations
        // end-snippet
    }
}
