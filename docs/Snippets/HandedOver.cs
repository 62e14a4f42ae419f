using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MlOps.Sdk;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;

namespace Acme;

/// <summary>Versions that are served by other processes, with workspaces of their own.</summary>
internal static class HandedOver
{
    public static void IntoFolder(DeploymentBuilder deployment, string folder)
    {
        // begin-snippet: to-folder
        deployment.ToProcess().ToFolder(folder); // for example a network drive
        // end-snippet
    }

    public static void IntoContainerContext(DeploymentBuilder deployment, string folder)
    {
        // begin-snippet: to-container-context
        deployment.ToProcess().ToContainerContext(folder);
        // end-snippet
    }

    public static void IntoContainerContext(DeploymentBuilder deployment, string folder, string packages)
    {
        // begin-snippet: context-packages
        deployment.ToProcess().ToContainerContext(folder, packages); // with MlOps.Sdk.0.2.0.nupkg and the others
        // end-snippet
    }

    public static void OverHttp(DeploymentBuilder deployment)
    {
        // begin-snippet: to-http
        deployment.ToProcess().ToHttp(new Uri("https://scoring.example.com/models"), http =>
        {
            http.HeaderName = "X-Api-Key";
            http.HeaderFromEnvironment("SCORING_KEY"); // read for each request, never logged
        });
        // end-snippet
    }

    public static IHost Follow(HostApplicationBuilder builder, string workspace, string folder, string publicKey)
    {
        // begin-snippet: follow-releases
        builder.Services.AddSingleton(new PackageTrust(publicKey)); // the one that PackageSigner.PublicKey gave
        builder.Services
            .AddMlOps(options => options.Workspace = workspace)
            .AddServedModels()
            .FollowReleases(folder);
        builder.Services.AddHealthChecks().AddMlOps();
        // end-snippet
        return builder.Build();
    }

    public static void Watch(IServiceCollection services, string workspace, string folder)
    {
        // begin-snippet: watch-received
        services
            .AddMlOps(options => (options.Workspace, options.CheckInterval) = (workspace, TimeSpan.FromHours(1)))
            .AddServedModels()
            .AddLifecycle("customer-churn", lifecycle => lifecycle.MonitorModel(monitoring => monitoring
                .DataDrift()
                .PredictionDrift()
                .AlertByWebhook(new Uri("https://alerts.example.com/churn"), webhook => webhook.SignWithEnvironment("ALERT_SECRET"))))
            .FollowReleases(folder);
        // end-snippet
    }

    // begin-snippet: receive-release
    public static async Task<bool> ReceiveAsync(Workspace workspace, string file)
    {
        var received = await workspace.ReceiveAsync(await File.ReadAllBytesAsync(file));
        Console.WriteLine($"Version {received.Version} of {received.Model}, signed by {received.KeyId}");
        return received.IsNew; // false where it had come before
    }
    // end-snippet
}
