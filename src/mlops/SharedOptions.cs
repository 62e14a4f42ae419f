using System.CommandLine;

namespace MlOps.Sdk.Tool;

/// <summary>The options that every command has.</summary>
internal sealed class SharedOptions
{
    public const string WorkspaceVariable = "MLOPS_WORKSPACE";

    public const string ActorVariable = "MLOPS_ACTOR";

    public Option<string?> Workspace { get; } = new("--workspace", "-w")
    {
        Description = $"The folder of the workspace. Default: {WorkspaceVariable}, else .mlops.",
        HelpName = "folder",
        Recursive = true,
    };

    public Option<string?> Actor { get; } = new("--actor")
    {
        Description = $"Who acts, for the audit log. Default: {ActorVariable}, else the name of the user.",
        HelpName = "name",
        Recursive = true,
    };

    public Option<bool> Json { get; } = new("--json")
    {
        Description = "Write one JSON document instead of tables.",
        Recursive = true,
    };

    public Option<bool> Verbose { get; } = new("--verbose")
    {
        Description = "Show where a failure came from.",
        Recursive = true,
    };
}
