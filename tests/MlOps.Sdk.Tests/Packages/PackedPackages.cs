using MlOps.Sdk.Tests.Architecture;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Packages;

/// <summary>The packages of this build, packed once for the tests of this folder; their version is of this run alone.</summary>
[SetUpFixture]
public sealed class PackedPackages
{
    private static TempFolder s_folder = null!;

    public static string Version { get; } = $"0.0.0-test{Guid.NewGuid():N}";

    /// <summary>The folder of the packages.</summary>
    public static string Feed => s_folder["feed"];

    /// <summary>What restores of this machine have; nothing is added to it.</summary>
    public static string MachinePackages { get; } = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    /// <summary>A path beside the packages. Projects in there find them, and third-party packages where the machine finds them.</summary>
    public static string PathOf(string name) => s_folder[name];

    [OneTimeSetUp]
    public static async Task Pack()
    {
        s_folder = new TempFolder();
        s_folder.Write("nuget.config", $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{s_folder["packages"]}" /></config>
              <fallbackPackageFolders><add key="machine" value="{MachinePackages}" /></fallbackPackageFolders>
              <packageSources><add key="mlops" value="{Feed}" /></packageSources>
            </configuration>
            """);
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        await Dotnet.RunAsync(
            s_folder.Path,
            "pack",
            Path.Combine(Repository.Root, "MlOps.Sdk.sln"),
            "--no-build",
            "-c",
            configuration,
            "-o",
            Feed,
            $"-p:PackageVersion={Version}",
            "-p:IncludeSymbols=false");
    }

    [OneTimeTearDown]
    public static void Unpack() => s_folder.Dispose();
}
