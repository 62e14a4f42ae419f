using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using MlOps.Sdk.Tests.Architecture;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Docs;

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

    private static readonly string s_version = $"0.0.0-test{Guid.NewGuid():N}";
    private static TempFolder s_folder = null!;

    [OneTimeSetUp]
    public static async Task Pack()
    {
        s_folder = new TempFolder();
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        await Dotnet.RunAsync(
            s_folder.Path,
            "pack",
            Path.Combine(Repository.Root, "MlOps.Sdk.sln"),
            "--no-build",
            "-c",
            configuration,
            "-o",
            s_folder["feed"],
            $"-p:PackageVersion={s_version}",
            "-p:IncludeSymbols=false");
    }

    [OneTimeTearDown]
    public static void Unpack() => s_folder.Dispose();

    [Test]
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
        await using var workspace = await Workspace.OpenAsync(s_folder["workspace"]);
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

    // On a port that the system chooses; the process is ended by its id, whatever happens.
    private static async Task<(double[] Answers, string[] Loaded)> AskAsync(string app, Visit[] visits)
    {
        var start = Dotnet.Command(
            app,
            Path.Combine(app, "bin", "Debug", "net10.0", "web.dll"),
            "--urls",
            "http://127.0.0.1:0",
            "--workspace",
            s_folder["workspace"]);
        using var process = Process.Start(start)!;
        try
        {
            var error = process.StandardError.ReadToEndAsync();
            var address = await AddressAsync(process);
            Assert.That(address, Is.Not.Null, () => $"The application has ended: {error.Result}");
            var said = process.StandardOutput.ReadToEndAsync();
            using var client = new HttpClient { BaseAddress = new Uri(address!) };
            var answers = new List<double>();
            foreach (var visit in visits)
            {
                using var answer = await client.PostAsJsonAsync("score", new { visit.Length, visit.Page });
                Assert.That(answer.IsSuccessStatusCode, Is.True, () => answer.Content.ReadAsStringAsync().Result);
                answers.Add(await answer.Content.ReadFromJsonAsync<double>());
            }

            return ([.. answers], (await client.GetFromJsonAsync<string[]>("loaded"))!);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
    }

    private static async Task<string?> AddressAsync(Process process)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (Listening().Match(line) is { Success: true } match) return match.Groups[1].Value;
        }

        return null;
    }

    private static async Task<string> CreateAsync(string name, string sdk, string package, string program)
    {
        Directory.CreateDirectory(s_folder[name]);
        await File.WriteAllTextAsync(Path.Combine(s_folder[name], "Program.cs"), program);
        await File.WriteAllTextAsync(Path.Combine(s_folder[name], $"{name}.csproj"), $"""
            <Project Sdk="{sdk}">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <RestoreSources>{s_folder["feed"]}</RestoreSources>
                <RestorePackagesPath>{s_folder[$"packages-{name}"]}</RestorePackagesPath>
                <RestoreAdditionalProjectFallbackFolders>{GlobalPackages()}</RestoreAdditionalProjectFallbackFolders>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="{package}" Version="{s_version}" />
              </ItemGroup>
            </Project>
            """);
        return s_folder[name];
    }

    private static string GlobalPackages() => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    [GeneratedRegex("<!-- snippet: program -->\\s*```csharp\\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Sample();

    [GeneratedRegex("Now listening on: (http://127\\.0\\.0\\.1:[0-9]+)")]
    private static partial Regex Listening();
}
