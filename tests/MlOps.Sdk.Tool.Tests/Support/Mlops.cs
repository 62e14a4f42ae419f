namespace MlOps.Sdk.Tool.Tests;

/// <summary>The tool in this process, as a shell starts it. Tests say what it is connected to.</summary>
internal sealed class Mlops
{
    /// <summary>Whether people look at the output.</summary>
    public bool OutIsTerminal { get; init; }

    /// <summary>Whether people look at the error output.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>The variables of the environment.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    public CancellationToken Cancellation { get; init; }

    public async Task<Outcome> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var terminal = new Terminal(
            new Screen(output, OutIsTerminal), new Screen(error, ErrorIsTerminal), name => Variables.GetValueOrDefault(name));
        var code = await CommandLine.RunAsync(arguments, terminal, Cancellation);
        return new Outcome(code, output.ToString().ReplaceLineEndings("\n"), error.ToString().ReplaceLineEndings("\n"));
    }
}
