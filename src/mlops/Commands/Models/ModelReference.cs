using System.CommandLine;
using MlOps.Sdk.Data;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Tool;

/// <summary>A model, as commands take it.</summary>
internal static class ModelReference
{
    public static Argument<string> NewArgument(Completions completions)
    {
        var argument = new Argument<string>("model") { Description = "The name of a model.", HelpName = "model" };
        argument.CompletionSources.Add(Completions.Until(argument, completions.Models));
        return argument;
    }

    public static Option<string?> NewOption(Completions completions, string description)
    {
        var option = new Option<string?>("--model") { Description = description, HelpName = "model" };
        option.CompletionSources.Add(completions.Models);
        return option;
    }

    /// <summary>The version of a model that a command is about, where it may be the model itself.</summary>
    public static Option<int?> NewVersionOption() => new("--version")
    {
        Description = "The number of a version. Default: the model itself.",
        HelpName = "number",
    };

    /// <summary>What a command is about: version 3 of churn, or churn.</summary>
    public static string Subject(string model, int? version) =>
        version is { } number ? $"version {Shown.Number(number)} of {model}" : model;

    public static Argument<int?> NewVersionOrLive() => new("version")
    {
        Description = "The number of a version. Default: the one that is live, else the newest.",
        Arity = ArgumentArity.ZeroOrOne,
    };

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

    /// <summary>The version of a number; without one, the version that is live, else the newest.</summary>
    /// <exception cref="MlOpsException">There is no such model or version.</exception>
    public static async Task<ModelVersion> FindAsync(
        Workspace workspace, string model, int? version, CancellationToken cancellationToken)
    {
        await RequireAsync(workspace, model, cancellationToken).ConfigureAwait(false);
        if (version is { } number) return await workspace.Models.GetAsync(model, number, cancellationToken).ConfigureAwait(false);
        if (await workspace.Models.FindByAliasAsync(model, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false) is { } live)
        {
            return live;
        }
        var versions = await workspace.Models.ListAsync(model, cancellationToken).ConfigureAwait(false);
        return versions.MaxBy(each => each.Version) ?? throw new MlOpsException(
            $"All versions of '{model}' are archived or deleted.", $"See: mlops models versions {model} --all");
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
