using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using MlOps.Sdk.Diagnostics;

namespace MlOps.Sdk.Tracking;

/// <summary>The environment of this process. Thread-safe.</summary>
internal static class CurrentEnvironment
{
    private const int LongestCommand = 4_096;
    private static readonly Lazy<RunEnvironment> s_process = new(ReadProcess);

    /// <summary>Reads it; the commit may change while the process lives.</summary>
    public static RunEnvironment Read()
    {
        var (commit, branch) = GitCheckout.Find(Environment.CurrentDirectory, AppContext.BaseDirectory);
        return s_process.Value with { GitCommit = commit, GitBranch = branch };
    }

    private static RunEnvironment ReadProcess()
    {
        var command = Secrets.Blank(Environment.CommandLine);
        var entry = Assembly.GetEntryAssembly()?.GetName();
        return new RunEnvironment
        {
            Machine = Environment.MachineName,
            OperatingSystem = RuntimeInformation.OSDescription,
            Framework = RuntimeInformation.FrameworkDescription,
            Architecture = RuntimeInformation.ProcessArchitecture.ToString(),
            Processors = Environment.ProcessorCount,
            Command = command.Length > LongestCommand ? $"{command[..LongestCommand]}…" : command,
            Program = entry is null ? null : $"{entry.Name} {entry.Version}",
            Packages = Packages(),
        };
    }

    private static SortedDictionary<string, string> Packages()
    {
        var packages = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var files = (AppContext.GetData("APP_CONTEXT_DEPS_FILES") as string ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries);
        if (files.Length == 0) return packages;
        try
        {
            // The first is that of the program; the others are of the shared frameworks.
            using var stream = File.OpenRead(files[0]);
            using var document = JsonDocument.Parse(stream);
            if (!document.RootElement.TryGetProperty("libraries", out var libraries)) return packages;
            foreach (var library in libraries.EnumerateObject())
            {
                if (library.Value.TryGetProperty("type", out var type) && type.ValueEquals("package")
                    && library.Name.Split('/') is [var name, var version])
                {
                    packages[name] = version;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            // A program without a readable list has none: a run must not fail for it.
            packages.Clear();
        }

        return packages;
    }
}
