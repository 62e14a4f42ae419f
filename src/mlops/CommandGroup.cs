using System.CommandLine;

namespace MlOps.Sdk.Tool;

/// <summary>A name for several commands. Alone, it shows them.</summary>
internal sealed class CommandGroup : Command
{
    public CommandGroup(string name, string description, params IReadOnlyList<Command> commands)
        : base(name, description)
    {
        foreach (var command in commands) Add(command);
    }
}
