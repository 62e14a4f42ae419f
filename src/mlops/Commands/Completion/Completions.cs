using System.CommandLine;
using System.CommandLine.Completions;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Tool;

/// <summary>What the workspace has that may be typed. Where it cannot be read, nothing is offered and nothing is said.</summary>
internal sealed class Completions(SharedOptions shared, Terminal terminal)
{
    private const int MostRuns = 50;

    // A shell waits for it.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>The latest runs.</summary>
    public IEnumerable<CompletionItem> Runs(CompletionContext context) => Read(context, async (workspace, cancellationToken) =>
    {
        var page = await workspace.Runs.SearchAsync(new RunQuery { Limit = MostRuns }, cancellationToken).ConfigureAwait(false);
        return page.Runs.Select((run, i) => new CompletionItem(
            run.Id, sortText: $"{i:d4}", detail: $"{run.Lifecycle}, {run.State}"));
    });

    /// <summary>The models.</summary>
    public IEnumerable<CompletionItem> Models(CompletionContext context) => Read(context, async (workspace, cancellationToken) =>
        (await workspace.Models.ModelsAsync(cancellationToken).ConfigureAwait(false)).Select(model => new CompletionItem(model)));

    /// <summary>The requests for approval that wait.</summary>
    public IEnumerable<CompletionItem> Approvals(CompletionContext context) => Read(context, async (workspace, cancellationToken) =>
        (await workspace.Approvals.ListAsync(state: ApprovalState.Pending, cancellationToken: cancellationToken).ConfigureAwait(false))
            .Select((approval, i) => new CompletionItem(
                Shown.Number(approval.Id), sortText: $"{i:d4}", detail: $"{approval.Model}, version {Shown.Number(approval.Version)}")));

    /// <summary>What a source has for an argument that is not typed yet: what is typed is not offered for the next one.</summary>
    public static Func<CompletionContext, IEnumerable<CompletionItem>> Until(
        Argument argument, Func<CompletionContext, IEnumerable<CompletionItem>> source) =>
        context => IsTyped(context, argument) ? [] : source(context);

    /// <summary>Lets arguments that are versions of a model offer those of the one that is typed.</summary>
    public void OfferVersions(Command command)
    {
        if (command.Arguments.FirstOrDefault(argument => argument.Name == "model") is { } model)
        {
            foreach (var argument in command.Arguments)
            {
                if (argument.ValueType != typeof(int) && argument.ValueType != typeof(int?)) continue;
                argument.CompletionSources.Add(Until(argument, context => IsTyped(context, model)
                    ? Versions(context, context.ParseResult.GetResult(model)!.Tokens[0].Value)
                    : []));
            }
        }
        foreach (var inner in command.Subcommands) OfferVersions(inner);
    }

    // The newest first.
    private CompletionItem[] Versions(CompletionContext context, string model) => Read(context, async (workspace, cancellationToken) =>
        (await workspace.Models.ListAsync(model, cancellationToken).ConfigureAwait(false))
            .OrderByDescending(version => version.Version)
            .Select((version, i) => new CompletionItem(Shown.Number(version.Version), sortText: $"{i:d4}")));

    private static bool IsTyped(CompletionContext context, Argument argument) =>
        context.ParseResult.GetResult(argument)?.Tokens is { Count: > 0 } tokens
        && tokens.Count >= argument.Arity.MaximumNumberOfValues
        && (context.WordToComplete.Length == 0 || tokens[^1].Value != context.WordToComplete);

    private CompletionItem[] Read(
        CompletionContext context, Func<Workspace, CancellationToken, Task<IEnumerable<CompletionItem>>> read)
    {
        var folder = WorkspacePlace.Of(context.ParseResult.GetValue(shared.Workspace), terminal);
        if (!WorkspacePlace.Exists(folder)) return [];
        try
        {
            using var patience = new CancellationTokenSource(s_patience);
            return [.. ReadAsync(folder, read, patience.Token).GetAwaiter().GetResult()
                .Where(item => !item.Label.Any(char.IsControl))];
        }
        catch (Exception e) when (e is MlOpsException or IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            return [];
        }
    }

    private static async Task<IEnumerable<CompletionItem>> ReadAsync(
        string folder,
        Func<Workspace, CancellationToken, Task<IEnumerable<CompletionItem>>> read,
        CancellationToken cancellationToken)
    {
        var workspace = await WorkspacePlace.OpenAsync(folder, null, cancellationToken).ConfigureAwait(false);
        await using (workspace.ConfigureAwait(false))
        {
            return [.. await read(workspace, cancellationToken).ConfigureAwait(false)];
        }
    }
}
