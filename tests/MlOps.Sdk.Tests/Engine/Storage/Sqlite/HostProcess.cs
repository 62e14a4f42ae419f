using System.Diagnostics;
using System.Runtime.Versioning;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Storage;

/// <summary>A child process that runs a verb of a host that tests start, such as MlOps.Sdk.TestHost.</summary>
internal sealed class HostProcess : IDisposable
{
    private readonly Process _process;

    private HostProcess(Process process) => _process = process;

    public static HostProcess Start(params string[] arguments) => StartProject("MlOps.Sdk.TestHost", arguments);

    /// <param name="project">The host: a project that those of the tests refer to.</param>
    /// <param name="arguments">The verb and what it needs.</param>
    public static HostProcess StartProject(string project, params string[] arguments) => Start([], project, arguments);

    /// <summary>Starts a verb of MlOps.Sdk.TestHost that the permissions of files bind, also where root starts it.</summary>
    [UnsupportedOSPlatform("windows")]
    public static HostProcess StartBoundByPermissions(params string[] arguments) =>
        Start(FilePermissions.RequireBinding(), "MlOps.Sdk.TestHost", arguments);

    private static HostProcess Start(string[] prefix, string project, string[] arguments)
    {
        // The same configuration and framework, one project further.
        var tests = typeof(HostProcess).Assembly.GetName().Name!;
        var output = TestContext.CurrentContext.TestDirectory.Replace(tests, project, StringComparison.Ordinal);
        var running = Environment.ProcessPath;
        var dotnet = Path.GetFileNameWithoutExtension(running) == "dotnet"
            ? running!
            : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string[] command = [.. prefix, dotnet, Path.Combine(output, $"{project}.dll"), .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        return new HostProcess(Process.Start(start)!);
    }

    public async Task<string> ReadLineAsync() =>
        await _process.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException("The host ended: " + await _process.StandardError.ReadToEndAsync());

    public void Continue() => _process.StandardInput.WriteLine();

    /// <summary>Says a line to the process, and reads its answer.</summary>
    public Task<string> AskAsync(string line)
    {
        _process.StandardInput.WriteLine(line);
        return ReadLineAsync();
    }

    /// <summary>Says that nothing more is asked of the process.</summary>
    public void End() => _process.StandardInput.Close();

    /// <summary>Ends the process without a chance to clean up.</summary>
    /// <returns>What it had written before, without a last line that was cut.</returns>
    public async Task<IReadOnlyList<string>> KillAsync()
    {
        _process.Kill();
        var rest = await _process.StandardOutput.ReadToEndAsync();
        await _process.WaitForExitAsync();
        return rest[..(rest.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    /// <summary>Lets the process come to its end.</summary>
    /// <returns>What it has written.</returns>
    public async Task<IReadOnlyList<string>> FinishAsync()
    {
        var (exitCode, output, error) = await EndAsync();
        Assert.That(exitCode, Is.Zero, error);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    /// <summary>Lets the process come to its end, whatever it is.</summary>
    public async Task<(int ExitCode, string Output, string Error)> EndAsync()
    {
        var error = _process.StandardError.ReadToEndAsync();
        var output = await _process.StandardOutput.ReadToEndAsync();
        await _process.WaitForExitAsync();
        return (_process.ExitCode, output, await error);
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
