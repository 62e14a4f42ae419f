namespace MlOps.Sdk.Tests.Architecture;

/// <summary>Who may import whom: the rules of docs/architecture.md.</summary>
internal static class ImportRules
{
    private static readonly string[] Stages =
    [
        "Problem", "Collection", "Processing", "Metrics", "Exploration", "Features", "Training", "Deployment", "Monitoring", "Rollout"
    ];
    private static readonly string[] Engine = ["Storage", "Audit", "Tracking", "Execution", "Packaging", "Registry", "Evidence"];

    /// <summary>Why a room may not use another; <see langword="null"/> when it may.</summary>
    public static string? Refuse(string from, string to)
    {
        if (from == RoomGraph.Root) return null;
        if (to == RoomGraph.Root) return "only root files see root files";
        var (fromWing, fromRoom) = Split(from);
        var (toWing, toRoom) = Split(to);
        return fromWing switch
        {
            "Foundation" => toWing == "Foundation" ? null : "Foundation imports nothing above it",
            "Engine" => toWing switch
            {
                "Foundation" => null,
                "Engine" => Array.IndexOf(Engine, toRoom) < Array.IndexOf(Engine, fromRoom)
                    ? null
                    : "an engine room imports only the engine rooms above it",
                _ when fromRoom == "Evidence" => null,
                _ when fromRoom is "Packaging" or "Registry" && toRoom is "Problem" or "Metrics" or "Features" or "Training" => null,
                _ => "the engine does not know this stage",
            },
            "Stages" => toWing switch
            {
                "Foundation" => null,
                "Engine" when toRoom == "Evidence" => "stages do not know the evidence",
                "Engine" when fromRoom == "Training" && toRoom is "Packaging" or "Registry" => "training hands on a graph and a model",
                "Engine" => null,
                _ => Array.IndexOf(Stages, toRoom) < Array.IndexOf(Stages, fromRoom) ? null : "a stage imports only the stages above it",
            },
            _ => $"the wing '{fromWing}' is not in the plan",
        };
    }

    /// <summary>Whether a folder beside the wings divides the files at the root.</summary>
    public static bool IsRootRoom(string folder) =>
        folder is "Backup" or "Comparison" or "Exchange" or "Hosting" or "Release" or "Retention" or "Retraining";

    public static bool IsKnown(string room)
    {
        var (wing, name) = Split(room);
        return wing switch
        {
            "Foundation" => name is "Data" or "Statistics" or "Reporting" or "Diagnostics" or "Plugins",
            "Engine" => Engine.Contains(name),
            "Stages" => Stages.Contains(name),
            _ => false,
        };
    }

    private static (string Wing, string Room) Split(string room) => room.Split('/') is [var wing, var name] ? (wing, name) : (room, "");
}
