using System.CommandLine;

namespace MlOps.Sdk.Tool;

/// <summary>A request for approval, as commands take it.</summary>
internal static class ApprovalReference
{
    public static Argument<long> NewArgument(Completions completions)
    {
        var argument = new Argument<long>("id") { Description = "The number of the request.", HelpName = "id" };
        argument.CompletionSources.Add(completions.Approvals);
        return argument;
    }
}
