using System.CommandLine;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Tool;

/// <summary>A model, as commands take it.</summary>
internal static class ModelReference
{
    public static Argument<string> NewArgument(Completions completions)
    {
        var argument = new Argument<string>("model") { Description = "The name of a model.", HelpName = "model" };
        argument.CompletionSources.Add(completions.Models);
        return argument;
    }

    public static Argument<int> NewVersion() => new("version") { Description = "The number of a version." };

    public static Option<string> NewReason()
    {
        var reason = new Option<string>("--reason")
        {
            Description = "Why, for the audit log.",
            HelpName = "text",
            Required = true,
        };
        reason.Allow(text => !string.IsNullOrWhiteSpace(text), "a sentence that says why");
        return reason;
    }

    /// <summary>Makes sure that there is such a model.</summary>
    /// <exception cref="MlOpsException">There is none.</exception>
    public static async Task RequireAsync(Workspace workspace, string model, CancellationToken cancellationToken)
    {
        var models = await workspace.Models.ModelsAsync(cancellationToken).ConfigureAwait(false);
        if (models.Contains(model)) return;
        throw new MlOpsException(
            $"There is no model '{model}'.",
            $"{(NearestName.Find(model, models) is { } near ? $"Did you mean '{near}'? " : "")}See: mlops models list");
    }
}
