using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace MlOps.Sdk.Benchmarks.Http;

/// <summary>Runs wrk, the package of that name of Debian.</summary>
internal static partial class Wrk
{
    /// <summary>Writes a script that posts a row.</summary>
    public static string WriteScript(string folder, string row)
    {
        var path = Path.Combine(folder, "post.lua");
        File.WriteAllText(path, $"""
            wrk.method = "POST"
            wrk.body = [==[{row}]==]
            wrk.headers["Content-Type"] = "application/json"
            """);
        return path;
    }

    /// <summary>Asks for some seconds.</summary>
    /// <returns>Requests a second.</returns>
    /// <exception cref="InvalidOperationException">An answer was not a success.</exception>
    public static async Task<double> RunAsync(string url, string? script, int seconds, int connections)
    {
        string[] arguments =
        [
            "-t", "1", "-c", $"{connections}", "-d", $"{seconds}s", "-H", $"X-Api-Key: {KeyAuthentication.Key}",
            .. script is null ? Array.Empty<string>() : ["-s", script], url,
        ];
        using var process = Process.Start(new ProcessStartInfo("wrk", arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync().ConfigureAwait(false);
        await process.WaitForExitAsync().ConfigureAwait(false);
        if (output.Contains("Non-2xx", StringComparison.Ordinal) || Rate().Match(output) is not { Success: true } match)
        {
            throw new InvalidOperationException($"{url} failed: {output}");
        }
        return double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex Rate();
}
