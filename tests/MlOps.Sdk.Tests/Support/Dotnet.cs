using System.Diagnostics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>Runs the dotnet command as a user does, apart from the test run that it is called in.</summary>
internal static class Dotnet
{
    // Far more than any command takes on a busy machine: whatever takes longer hangs.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    /// <summary>Runs a command to its end.</summary>
    /// <param name="folder">The working directory.</param>
    /// <param name="arguments">The arguments, beginning with a verb or the path of an assembly.</param>
    /// <returns>What it wrote to its standard output.</returns>
    public static Task<string> RunAsync(string folder, params string[] arguments) => RunAsync(Command(folder, arguments));

    /// <summary>Runs a command to its end.</summary>
    /// <param name="command">The command.</param>
    /// <returns>What it wrote to its standard output.</returns>
    public static async Task<string> RunAsync(ProcessStartInfo command)
    {
        using var process = Process.Start(command)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(s_patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        Assert.That(process.ExitCode, Is.Zero, $"dotnet {string.Join(' ', command.ArgumentList)}\n{await output}\n{await error}");
        return await output;
    }

    /// <summary>How to start a command whose output and errors are read; temporary files go into its working directory.</summary>
    /// <param name="folder">The working directory.</param>
    /// <param name="arguments">The arguments, beginning with a verb or the path of an assembly.</param>
    public static ProcessStartInfo Command(string folder, params string[] arguments)
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

        foreach (var name in new[] { "TMPDIR", "TEMP", "TMP" }) start.Environment[name] = folder;

        // Build servers would outlive the command and keep its output open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["UseSharedCompilation"] = "false";
        return start;
    }
}
