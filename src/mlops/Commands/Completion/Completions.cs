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
