using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MlOps.Sdk;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Features;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Training;

namespace Acme;

/// <summary>The lifecycle in a host.</summary>
internal static class HostedChurn
{
    public static IHost Build(string[] args, string folder, string csv)
    {
        // begin-snippet: host
        var builder = Host.CreateApplicationBuilder(args);
        builder.Services
            .AddMlOps(options =>
            {
                options.Workspace = folder;
                options.RunAtStart = true; // what is up to date is reused
                options.CheckInterval = TimeSpan.FromMinutes(5); // checks, and retrains when a monitor requests it
                options.TrainingThreads = 2; // so that training cannot starve the application
            })
            .AddLifecycle(ChurnLifecycle.Name, churn => ChurnLifecycle.Define(churn, csv))
            .AddEndpoint<Customer, ChurnPrediction>(ChurnLifecycle.Name);
        builder.Services.AddSingleton<CallList>();
        var host = builder.Build();
        // end-snippet
        return host;
    }

    public static void Configure(HostApplicationBuilder builder)
    {
        // begin-snippet: host-configuration
        builder.Services.AddMlOps(builder.Configuration.GetSection("MlOps"));
        // end-snippet
    }

    // begin-snippet: json-request
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        RespectRequiredConstructorParameters = true,                 // a missing member is rejected, instead of being 0
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow // and so is one that is misspelt
    };

    public static Prediction<ChurnPrediction> Answer(IEndpoint<Customer, ChurnPrediction> endpoint, string body) =>
        endpoint.Predict(JsonSerializer.Deserialize<Customer>(body, Strict)!);
    // end-snippet

    public static void ConfigureFromServices(IServiceCollection services)
    {
        // begin-snippet: host-services
        services.AddMlOps().AddLifecycle(ChurnLifecycle.Name, (provider, churn) => ChurnLifecycle.Define(
            churn, provider.GetRequiredService<IConfiguration>()["Churn:Table"]!));
        // end-snippet
    }

    public static IHost BuildServer(string[] args)
    {
        // begin-snippet: host-serve-only
        var builder = Host.CreateApplicationBuilder(args);
        builder.Services
            .AddMlOps(builder.Configuration.GetSection("MlOps")) // the same workspace as the process that trains
            .AddEndpoint<Customer, ChurnPrediction>("customer-churn");
        var host = builder.Build();
        // end-snippet
        return host;
    }

    public static void AddReaders(IServiceCollection services)
    {
        // begin-snippet: host-readers
        services.AddMlOps()
            .AddReader<IRowProcessor>(new CapColumnReader())
            .AddReader<IFittedTransform>(new LogScaleReader())
            .AddReader<IModel>(new StumpReader());
        // end-snippet
    }
}
