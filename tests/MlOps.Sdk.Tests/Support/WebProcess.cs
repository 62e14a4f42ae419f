using System.Diagnostics;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>A web application in a process of its own, on a port that the system chooses; ended by its id, whatever happens.</summary>
internal sealed partial class WebProcess : IAsyncDisposable
{
    private readonly Process _process;
    private Task<string> _output = Task.FromResult("");

    private WebProcess(Process process) => _process = process;

    public HttpClient Client { get; } = new() { Timeout = TimeSpan.FromMinutes(1) };

    /// <summary>Starts an application and waits until it listens.</summary>
    /// <param name="folder">The working directory.</param>
    /// <param name="assembly">The application.</param>
    /// <param name="arguments">Further arguments.</param>
    public static async Task<WebProcess> StartAsync(string folder, string assembly, params string[] arguments)
    {
        var web = new WebProcess(Process.Start(Dotnet.Command(folder, [assembly, "--urls", "http://127.0.0.1:0", .. arguments]))!);
        try
        {
            var error = web._process.StandardError.ReadToEndAsync();
            var address = await AddressAsync(web._process);
            if (address is null) Assert.Fail($"The application has ended: {await error}");
            web._output = web._process.StandardOutput.ReadToEndAsync();
            web.Client.BaseAddress = new Uri(address!);
            return web;
        }
        catch
        {
            await web.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until a page answers with success, for two minutes at most.</summary>
    /// <param name="path">The page.</param>
    public async Task WaitForAsync(string path)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            using var answer = await Client.GetAsync(path, patience.Token);
            if (answer.IsSuccessStatusCode) return;
            await Task.Delay(100, patience.Token);
        }
    }

    /// <summary>Asks the process to end, as a service manager on Unix does, and waits until it has, for two minutes at most.</summary>
    /// <returns>Its exit code, and all that it wrote after it listened.</returns>
    public async Task<(int ExitCode, string Output)> TerminateAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using (var signal = Process.Start("kill", ["-TERM", $"{_process.Id}"])) await signal.WaitForExitAsync(patience.Token);
        await _process.WaitForExitAsync(patience.Token);
        return (_process.ExitCode, await _output);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _output;
        _process.Dispose();
    }

    private static async Task<string?> AddressAsync(Process process)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (Listening().Match(line) is { Success: true } match) return match.Groups[1].Value;
        }

        return null;
    }

    [GeneratedRegex("Now listening on: (http://127\\.0\\.0\\.1:[0-9]+)")]
    private static partial Regex Listening();
}
