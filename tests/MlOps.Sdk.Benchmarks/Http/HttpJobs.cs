using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Benchmarks.Http;

/// <summary>
/// Predictions over HTTP against the smallest answer that the same server can give, in one process and in turn, asked by wrk as a second
/// process: open to anybody, for a caller who is authenticated, and without recording what is predicted.
/// </summary>
internal static class HttpJobs
{
    private static readonly JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private const string Model = "churn";

    private static readonly HttpVariant[] Variants =
    [
        new("GET of a text", "/bare", IsPrediction: false, HttpServer.Open),
        new("predict, one row of 19 columns", $"/models/{Model}/predict", IsPrediction: true, HttpServer.Open),
        new("GET of a text, authenticated", "/bare", IsPrediction: false, HttpServer.Closed),
        new("predict, authenticated", $"/models/{Model}/predict", IsPrediction: true, HttpServer.Closed),
        new("GET of a text, once more", "/bare", IsPrediction: false, HttpServer.Unrecorded),
        new("predict, not recorded", $"/models/{Model}/predict", IsPrediction: true, HttpServer.Unrecorded),
    ];

    public static async Task<int> RunAsync(string[] args)
    {
        var (seconds, rounds, connections) = args switch
        {
            ["http"] => (5, 7, 32),
            ["http", var first, var second, var third] => (Parse(first), Parse(second), Parse(third)),
            _ => (0, 0, 0),
        };
        if (seconds == 0) return 1;
        var folder = Directory.CreateTempSubdirectory("mlops-benchmarks-").FullName;
        var table = ChurnTable.WriteToFile();
        try
        {
            await TrainAsync(folder, table).ConfigureAwait(false);
            var row = await ExampleAsync().ConfigureAwait(false);
            await using var open = await StartAsync(folder, HttpServer.Open).ConfigureAwait(false);
            await using var closed = await StartAsync(folder, HttpServer.Closed).ConfigureAwait(false);
            await using var unrecorded = await StartAsync(folder, HttpServer.Unrecorded).ConfigureAwait(false);
            var servers = new Dictionary<HttpServer, string>
            {
                [HttpServer.Open] = open.Urls.Single(),
                [HttpServer.Closed] = closed.Urls.Single(),
                [HttpServer.Unrecorded] = unrecorded.Urls.Single(),
            };
            await CompareAsync(servers, Wrk.WriteScript(folder, row), seconds, rounds, connections).ConfigureAwait(false);
            return 0;
        }
        finally
        {
            File.Delete(table);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task CompareAsync(
        Dictionary<HttpServer, string> servers, string script, int seconds, int rounds, int connections)
    {
        Console.WriteLine($"{connections} connections, {seconds} s a run, {rounds} rounds in turn after a warm-up");
        var rates = Variants.ToDictionary(variant => variant.Name, _ => new List<double>());
        for (var round = 0; round <= rounds; round++)
        {
            foreach (var variant in Variants)
            {
                var url = servers[variant.Server] + variant.Path;
                var rate = await Wrk.RunAsync(url, variant.IsPrediction ? script : null, seconds, connections).ConfigureAwait(false);
                if (round > 0) rates[variant.Name].Add(rate);
            }
        }

        Console.WriteLine("| | requests/s, median | of the GET, median pair by pair (smallest to largest) | target | met |");
        Console.WriteLine("|---|---|---|---|---|");
        for (var i = 0; i < Variants.Length; i++)
        {
            var all = rates[Variants[i].Name];
            if (!Variants[i].IsPrediction)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {Variants[i].Name} | {Median(all):N0} | | | |"));
                continue;
            }
            var ratios = all.Zip(rates[Variants[i - 1].Name], (predicted, bare) => predicted / bare).ToList();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {Variants[i].Name} | {Median(all):N0} | {Median(ratios):0.00} ({ratios.Min():0.00} to {ratios.Max():0.00}) | " +
                    $"≥ 0.75 | {(Median(ratios) >= 0.75 ? "yes" : "**no**")} |"));
        }
    }

    private static async Task<WebApplication> StartAsync(string folder, HttpServer server)
    {
        var isOpen = server != HttpServer.Closed;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        if (!isOpen)
        {
            builder.Services.AddAuthentication("key").AddScheme<AuthenticationSchemeOptions, KeyAuthentication>("key", null);
            builder.Services.AddAuthorization();
        }
        builder.Services
            .AddMlOps(options => (options.Workspace, options.PromotionInterval) = (folder, TimeSpan.FromHours(1)))
            .AddServedModels(Model)
            .AddModelServing(options => options.AllowAnonymousPredictions = options.AllowAnonymousLabels = isOpen);
        var app = builder.Build();
        app.MapModels();
        var bare = app.MapGet("/bare", Bare);
        if (!isOpen) bare.RequireAuthorization();
        await app.StartAsync().ConfigureAwait(false);
        if (server != HttpServer.Unrecorded) return app;
        await ServeUnrecordedAsync(app.Services.GetRequiredService<Workspace>()).ConfigureAwait(false);
        return app;
    }

    // What recording costs beside the requests: its thread writes what they predict.
    private static async Task ServeUnrecordedAsync(Workspace workspace)
    {
        var version = await workspace.Models.FindByAliasAsync(Model, ModelRegistry.Champion).ConfigureAwait(false);
        var package = await workspace.ReadPackageAsync(version!).ConfigureAwait(false);
        workspace.SlotOf(Model).Swap(version!.Version + 1, package, () => null);
    }

    private static Task Bare(HttpContext context)
    {
        context.Response.ContentType = "text/plain";
        context.Response.ContentLength = 2;
        return context.Response.WriteAsync("ok");
    }

    private static async Task TrainAsync(string folder, string table)
    {
        var workspace = await Workspace.OpenAsync(folder).ConfigureAwait(false);
        await using (workspace.ConfigureAwait(false))
        {
            var run = await LifecycleBuilder.Create(Model)
                .DefineProblem(problem => problem.BinaryClassification("churn", positive: "Yes"))
                .CollectData(data => data.FromCsv(table))
                .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
                .DeployModel(deployment => deployment.ToProcess())
                .Build().RunAsync(workspace).ConfigureAwait(false);
            if (!run.Deployment!.IsDeployed) throw new InvalidOperationException(run.Deployment.Reason);
        }
    }

    private static async Task<string> ExampleAsync()
    {
        var (_, customers) = await ChurnTable.ReadAsync().ConfigureAwait(false);
        return JsonSerializer.Serialize(customers[0], SnakeCase);
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }

    private static int Parse(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
