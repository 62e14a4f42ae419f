using System.CommandLine;

namespace MlOps.Sdk.Tool;

/// <summary>A command of the tool. A new one is a class like this, and a line in <see cref="CommandLine"/>.</summary>
internal abstract class ToolCommand : Command
{
    protected ToolCommand(string name, string description)
        : base(name, description)
    {
    }

    /// <summary>Command lines to begin with, shown by <c>--help</c>.</summary>
    public abstract IReadOnlyList<string> Examples { get; }

    /// <summary>Does it.</summary>
    /// <returns>A value of <see cref="ExitCode"/>.</returns>
    public abstract Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken);
}
