using System.CommandLine;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Tool;

/// <summary>A run as people type it: its id, or how the id begins or ends, if that is of one run only.</summary>
internal static class RunReference
{
    private const int ShortestPart = 4;
    private const int MostShown = 5;

    public static Argument<string> NewArgument(Completions completions)
    {
        var argument = new Argument<string>("run") { Description = "The id of a run, or how it begins or ends.", HelpName = "run" };
        argument.CompletionSources.Add(Completions.Until(argument, completions.Runs));
        return argument;
    }

    /// <summary>The id that is meant. What cannot be one is given back as it is: the library says what is missing.</summary>
    /// <exception cref="UsageException">Several runs are meant.</exception>
    /// <exception cref="MlOpsException">There is no such run.</exception>
    public static async Task<string> ResolveAsync(Workspace workspace, string typed, CancellationToken cancellationToken)
    {
        if (typed.Length < ShortestPart || !typed.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-')) return typed;
        var exact = new RunQuery { Filter = RunFilter.Id.Is(typed), Limit = 1 };
        if ((await workspace.Runs.SearchAsync(exact, cancellationToken).ConfigureAwait(false)).Runs.Count > 0) return typed;
        var alike = new RunQuery { Filter = RunFilter.Id.IsLike($"{typed}%") | RunFilter.Id.IsLike($"%{typed}"), Limit = MostShown + 1 };
        var found = (await workspace.Runs.SearchAsync(alike, cancellationToken).ConfigureAwait(false)).Runs;
        return found.Count switch
        {
            0 => throw new MlOpsException($"There is no run whose id is '{typed}', or begins or ends so.", "See: mlops runs list"),
            1 => found[0].Id,
            _ => throw new UsageException(
                $"'{typed}' may be any of several runs: {string.Join(", ", found.Take(MostShown).Select(run => run.Id))}" +
                    $"{(found.Count > MostShown ? ", …" : "")}.",
                "Type more of the id."),
        };
    }
}
