using System.Diagnostics;
using System.Text.RegularExpressions;
using MlOps.Sdk.Tests.Architecture;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Docs;

/// <summary>What a team does first: reference the package in a new console project, paste the sample of the README, run it.</summary>
[TestFixture]
public sealed partial class PackageTests
{
    [Test]
    public async Task Pack_ReferencedByANewProject_CompilesAndRunsTheSampleOfTheReadme()
    {
        using var folder = new TempFolder();
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var version = $"0.0.0-test{Guid.NewGuid():N}";
        await RunAsync(
            folder.Path,
            "pack",
            Path.Combine(Repository.Root, "MlOps.Sdk.sln"),
            "--no-build",
            "-c",
            configuration,
            "-o",
            folder["feed"],
            $"-p:PackageVersion={version}",
            "-p:IncludeSymbols=false");

        Directory.CreateDirectory(folder["app"]);
        var program = Sample().Match(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"))).Groups[1].Value;
        Assert.That(program, Does.Contain("LifecycleBuilder"), "the README has its sample");
        await File.WriteAllTextAsync(Path.Combine(folder["app"], "Program.cs"), program);
        await File.WriteAllTextAsync(Path.Combine(folder["app"], "app.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <RestoreSources>{folder["feed"]}</RestoreSources>
                <RestorePackagesPath>{folder["packages"]}</RestorePackagesPath>
                <RestoreAdditionalProjectFallbackFolders>{GlobalPackages()}</RestoreAdditionalProjectFallbackFolders>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="MlOps.Sdk" Version="{version}" />
              </ItemGroup>
            </Project>
            """);

        var output = await RunAsync(
            folder["app"], "run", "--", Path.Combine(Repository.Root, "examples", "CustomerChurn", "data", "telco-churn.csv"));

        Assert.Multiple(() =>
        {
            Assert.That(output, Does.Not.Contain("warning"));
            Assert.That(output, Does.Contain("ROC AUC 0.8"));
        });
    }

    private static string GlobalPackages() => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static async Task<string> RunAsync(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // What the test run was started with is not meant for other builds.
        foreach (var name in start.Environment.Keys
            .Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)
                || name.StartsWith("VSTEST", StringComparison.OrdinalIgnoreCase))
            .ToArray())
        {
            start.Environment.Remove(name);
        }

        // Build servers would outlive the command and keep its output open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["UseSharedCompilation"] = "false";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.That(process.ExitCode, Is.Zero, $"dotnet {string.Join(' ', arguments)}\n{await output}\n{await error}");
        return await output;
    }

    [GeneratedRegex("<!-- snippet: program -->\\s*```csharp\\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Sample();
}
