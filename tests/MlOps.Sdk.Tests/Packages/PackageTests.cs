using System.Net.Http.Json;
using System.Text.RegularExpressions;
using MlOps.Sdk.Tests.Architecture;
using MlOps.Sdk.Tests.Docs;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Packages;

/// <summary>What a team does first: reference a package in a new project, and run it.</summary>
[TestFixture]
public sealed partial class PackageTests
{
    // Two halves of the loop that a web application closes: it reads what another process trained, and answers over HTTP.
    private const string WebProgram = """
        using MlOps.Sdk;
        using MlOps.Sdk.Deployment;

        var builder = WebApplication.CreateBuilder(args);
        builder.Services
            .AddMlOps(options => options.Workspace = builder.Configuration["workspace"]!)
            .AddEndpoint<Visit, double>("visits");
        var app = builder.Build();
        app.MapPost(
            "/score",
            (Visit visit, [FromKeyedServices("visits")] IEndpoint<Visit, double> endpoint) => endpoint.Predict(visit).Value);
        app.MapGet("/loaded", () => AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetName().Name));
        app.Run();

        internal sealed record Visit(double? Length, string? Page);
        """;

    [Test]
    [LongForm]
    public async Task Pack_ReferencedByANewProject_CompilesAndRunsTheSampleOfTheReadme()
    {
        var program = Sample().Match(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"))).Groups[1].Value;
        Assert.That(program, Does.Contain("LifecycleBuilder"), "the README has its sample");
        var app = await CreateAsync("app", "Microsoft.NET.Sdk", "MlOps.Sdk", program);

        var output = await Dotnet.RunAsync(
            app, "run", "--", Path.Combine(Repository.Root, "examples", "CustomerChurn", "data", "telco-churn.csv"));

        Assert.Multiple(() =>
        {
            Assert.That(output, Does.Not.Contain("warning"));
            Assert.That(output, Does.Contain("ROC AUC 0.8"));
        });
    }

    [Test]
    [LongForm]
    public async Task Pack_CoreAloneInANewWebProject_AnswersAsFastTreeDoesWithoutItsLibraries()
    {
        var visits = Visit.Draw(600, seed: 1);
        var expected = await TrainAsync(visits);
        var app = await CreateAsync("web", "Microsoft.NET.Sdk.Web", "MlOps.Sdk.Core", WebProgram);
        var build = await Dotnet.RunAsync(app, "build", "-nologo");
        Assert.That(build, Does.Contain("0 Warning(s)"));

        var (answers, loaded) = await AskAsync(app, visits);

        var files = Directory.EnumerateFiles(Path.Combine(app, "bin"), "*", SearchOption.AllDirectories).Select(Path.GetFileName).ToArray();
        Assert.Multiple(() =>
        {
            Assert.That(expected.Distinct().Count(), Is.GreaterThan(20));
            Assert.That(answers, Is.EqualTo(expected));
            Assert.That(loaded, Does.Contain("MlOps.Sdk.Core").And.None.StartsWith("Microsoft.ML"));
            Assert.That(files, Does.Contain("MlOps.Sdk.Core.dll"));
            Assert.That(
                files,
                Has.None.StartsWith("Microsoft.ML").IgnoreCase.And.None.Contains("lightgbm").IgnoreCase
                    .And.None.Contains("FastTree").IgnoreCase.And.None.StartsWith("MlOps.Sdk.MicrosoftML"));
        });
    }

    private static async Task<double[]> TrainAsync(Visit[] visits)
    {
        await using var workspace = await Workspace.OpenAsync(PackedPackages.PathOf("workspace"));
        await LifecycleBuilder.Create("visits")
            .DefineProblem(problem => problem.BinaryClassification("bought", positive: "yes"))
            .CollectData(data => data.FromObjects(visits))
            .EngineerFeatures(features => features.Numeric(["length"]).OneHot(["page"]))
            .TrainModel(training => training.Try(MicrosoftML.FastTree(options => options.Trees = 30)).CrossValidate(folds: 2).Trials(0))
            .DeployModel(deployment => deployment.ToProcess())
            .Build().RunAsync(workspace);
        var endpoint = workspace.Endpoint<Visit, double>("visits");
        return [.. visits.Select(visit => endpoint.Predict(visit).Value)];
    }

    private static async Task<(double[] Answers, string[] Loaded)> AskAsync(string app, Visit[] visits)
    {
        await using var web = await WebProcess.StartAsync(
            app, Path.Combine(app, "bin", "Debug", "net10.0", "web.dll"), "--workspace", PackedPackages.PathOf("workspace"));
        var answers = new List<double>();
        foreach (var visit in visits)
        {
            using var answer = await web.Client.PostAsJsonAsync("score", new { visit.Length, visit.Page });
            Assert.That(answer.IsSuccessStatusCode, Is.True, await answer.Content.ReadAsStringAsync());
            answers.Add(await answer.Content.ReadFromJsonAsync<double>());
        }

        return ([.. answers], (await web.Client.GetFromJsonAsync<string[]>("loaded"))!);
    }

    private static async Task<string> CreateAsync(string name, string sdk, string package, string program)
    {
        Directory.CreateDirectory(PackedPackages.PathOf(name));
        await File.WriteAllTextAsync(Path.Combine(PackedPackages.PathOf(name), "Program.cs"), program);
        await File.WriteAllTextAsync(Path.Combine(PackedPackages.PathOf(name), $"{name}.csproj"), $"""
            <Project Sdk="{sdk}">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <RestoreSources>{PackedPackages.Feed}</RestoreSources>
                <RestorePackagesPath>{PackedPackages.PathOf($"packages-{name}")}</RestorePackagesPath>
                <RestoreAdditionalProjectFallbackFolders>{PackedPackages.MachinePackages}</RestoreAdditionalProjectFallbackFolders>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="{package}" Version="{PackedPackages.Version}" />
              </ItemGroup>
            </Project>
            """);
        return PackedPackages.PathOf(name);
    }

    [GeneratedRegex("<!-- snippet: program -->\\s*```csharp\\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Sample();
}
