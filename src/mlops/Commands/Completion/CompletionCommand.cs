using System.CommandLine;

namespace MlOps.Sdk.Tool;

/// <summary>Writes the script that lets a shell complete command lines.</summary>
internal sealed class CompletionCommand : ToolCommand
{
    private readonly Argument<string> _shell = new("shell") { Description = "The shell." };

    public CompletionCommand()
        : base("completion", "Write the script that lets a shell complete commands, options, runs and models.") =>
        Add(_shell.AcceptOnlyFromAmong([.. CompletionScripts.Shells]));

    public override IReadOnlyList<string> Examples =>
    [
        "mlops completion bash >> ~/.bashrc",
        "mlops completion zsh >> ~/.zshrc",
        "mlops completion fish > ~/.config/fish/completions/mlops.fish",
        "mlops completion pwsh >> $PROFILE",
    ];

    public override Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        invocation.Terminal.Out.Write(CompletionScripts.Of(invocation.Get(_shell)));
        return Task.FromResult(ExitCode.Done);
    }
}
