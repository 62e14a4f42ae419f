using System.Net.Http.Json;
using System.Xml.Linq;
using MlOps.Sdk.Tests.Architecture;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Packages;

/// <summary>New projects of three kinds, and an extension, made as a user makes them: by the .NET SDK and from packages.</summary>
[TestFixture]
[LongForm]
[NonParallelizable] // They share a folder of packages, and each keeps the machine busy.
public sealed class ConsumerTests
{
    private const string Lifecycle = """
        using MlOps.Sdk;

        internal static class Visits
        {
            public static void Define(LifecycleBuilder visits) => visits
                .DefineProblem(problem => problem.BinaryClassification("bought", positive: "yes"))
                .CollectData(data => data.FromObjects(
                    Enumerable.Range(0, 400).Select(i => new Visit(i % 40 + i / 40 * 0.01, i % 40 + i % 7 > 22 ? "yes" : "no")).ToArray()))
                .EngineerFeatures(features => features.Auto())
                .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(folds: 2).Trials(0))
                .DeployModel(deployment => deployment.ToProcess());
        }

        internal sealed record Visit(double Length, string? Bought = null);
        """;

    private const string ConsoleProgram = """
        using MlOps.Sdk;

        await using var workspace = await Workspace.OpenAsync(".mlops");
        var builder = LifecycleBuilder.Create("visits");
        Visits.Define(builder);
        var run = await builder.Build().RunAsync(workspace);
        var endpoint = workspace.Endpoint<Visit, double>("visits");
        Console.WriteLine($"live {run.Deployment!.IsDeployed}: {endpoint.Predict(new Visit(39)).Value > 0.9}");
        """;

    private const string WorkerProgram = """
        using MlOps.Sdk;
        using MlOps.Sdk.Deployment;

        var builder = Host.CreateApplicationBuilder(args);
        builder.Services
            .AddMlOps(options => (options.Workspace, options.RunAtStart) = (".mlops", true))
            .AddLifecycle("visits", Visits.Define)
            .AddEndpoint<Visit, double>("visits");
        builder.Services.AddHostedService<Worker>();
        builder.Build().Run();

        internal sealed class Worker(IEndpoint<Visit, double> endpoint, IHostApplicationLifetime host) : BackgroundService
        {
            protected override async Task ExecuteAsync(CancellationToken stoppingToken)
            {
                while (!endpoint.IsLive) await Task.Delay(50, stoppingToken);
                Console.WriteLine($"live {endpoint.IsLive}: {endpoint.Predict(new Visit(39)).Value > 0.9}");
                host.StopApplication();
            }
        }
        """;

    private const string WebProgram = """
        using MlOps.Sdk;
        using MlOps.Sdk.Deployment;

        var builder = WebApplication.CreateBuilder(args);
        builder.Services
            .AddMlOps(options => (options.Workspace, options.RunAtStart) = (".mlops", true))
            .AddLifecycle("visits", Visits.Define)
            .AddEndpoint<Visit, double>("visits");
        builder.Services.AddHealthChecks().AddMlOps();
        var app = builder.Build();
        app.MapHealthChecks("/ready");
        app.MapPost("/score", (Visit visit, IEndpoint<Visit, double> endpoint) => endpoint.Predict(visit).Value);
        app.Run();
        """;

    [TestCase("console")]
    [TestCase("worker")]
    public async Task Run_NewProgram_TrainsAndPredicts(string template)
    {
        var app = await CreateAsync(template, template == "worker" ? WorkerProgram : ConsoleProgram);

        var output = await Dotnet.RunAsync(app, "run");

        Assert.That(output, Does.Contain("live True: True").And.Not.Contain("warning").And.Not.Contain("fail:"));
    }

    [Test]
    public async Task Run_NewWebApplication_TrainsAndAnswers()
    {
        var app = await CreateAsync("web", WebProgram);
        Assert.That(await Dotnet.RunAsync(app, "build", "-nologo"), Does.Contain("0 Warning(s)"));

        await using var web = await WebProcess.StartAsync(app, Path.Combine(app, "bin", "Debug", "net10.0", "consumer-web.dll"));
        await web.WaitForAsync("ready");
        using var answer = await web.Client.PostAsJsonAsync("score", new { length = 39 });

        Assert.That(await answer.Content.ReadFromJsonAsync<double>(), Is.GreaterThan(0.9));
    }

    // As it stands in the repository, but that its projects reference packages.
    [Test]
    public async Task Test_ExampleOfAnExtension_PassesItsContractsFromPackages()
    {
        var (from, to) = (Path.Combine(Repository.Root, "examples", "CustomExtension"), PackedPackages.PathOf("extension"));
        foreach (var folder in Repository.Folders(from))
        {
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
            foreach (var file in Directory.EnumerateFiles(folder)) File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        }

        var packages = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props"));
        foreach (var project in Directory.EnumerateFiles(to, "*.csproj", SearchOption.AllDirectories))
        {
            var document = XDocument.Load(project);
            var ours = document.Descendants("ProjectReference").Where(reference => Included(reference).Contains("/src/")).ToArray();
            foreach (var reference in ours)
            {
                var package = Path.GetFileNameWithoutExtension(Included(reference));
                reference.ReplaceWith(new XElement("PackageReference", new XAttribute("Include", package)));
                packages.Root!.Add(new XElement("ItemGroup", new XElement(
                    "PackageVersion", new XAttribute("Include", package), new XAttribute("Version", PackedPackages.Version))));
            }

            document.Save(project);
        }

        packages.Save(Path.Combine(to, "Directory.Packages.props"));
        await File.WriteAllTextAsync(Path.Combine(to, "Directory.Build.props"), """
            <Project>
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally>
              </PropertyGroup>
            </Project>
            """);

        var output = await Dotnet.RunAsync(Path.Combine(to, "CustomExtension.Tests"), "test");

        Assert.That(output, Does.Match("Failed: +0, Passed: +[0-9]{2}, Skipped: +3").And.Not.Contain("warning"));
    }

    private static string Included(XElement reference) => ((string)reference.Attribute("Include")!).Replace('\\', '/');

    private static async Task<string> CreateAsync(string template, string program)
    {
        var app = PackedPackages.PathOf($"consumer-{template}");
        await Dotnet.RunAsync(PackedPackages.PathOf(""), "new", template, "--no-restore", "-o", app);
        File.Delete(Path.Combine(app, "Worker.cs"));
        await File.WriteAllTextAsync(Path.Combine(app, "Program.cs"), program);
        await File.WriteAllTextAsync(Path.Combine(app, "Visits.cs"), Lifecycle);
        await Dotnet.RunAsync(app, "add", "package", "MlOps.Sdk", "--version", PackedPackages.Version);
        return app;
    }
}
