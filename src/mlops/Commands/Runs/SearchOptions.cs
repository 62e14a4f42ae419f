using System.CommandLine;
using System.Globalization;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Tool;

/// <summary>In which order runs are found, how many, and what of them is shown.</summary>
internal sealed class SearchOptions
{
    private const string Metrics = "metrics.";
    private const int LargestLimit = 10_000;

    private readonly Option<string?> _order = new("--order-by")
    {
        Description = "metrics.NAME, which leaves out runs without it, or started. Default: the newest first.",
        HelpName = "field",
    };

    private readonly Option<bool> _descending = new("--desc") { Description = "With --order-by: the largest or newest first." };

    private readonly Option<int> _limit = new("--limit")
    {
        Description = $"At most so many runs, 1 to {LargestLimit.ToString(CultureInfo.InvariantCulture)}.",
        HelpName = "n",
        DefaultValueFactory = _ => 20,
    };

    private readonly Option<string?> _after = new("--after")
    {
        Description = "Where the page begins: what the page before ended with, in the same order.",
        HelpName = "cursor",
    };

    private readonly Option<RunKind?> _kind = new("--kind")
    {
        Description = "Only runs of this kind. Trials and folds of searches are found only if they are named.",
    };

    private readonly Option<string[]> _fields = new("--show")
    {
        Description = "Another column: metrics.NAME, params.NAME or tag.NAME. May be repeated.",
        HelpName = "field",
        DefaultValueFactory = _ => [],
    };

    public SearchOptions()
    {
        _limit.Allow(limit => limit is >= 1 and <= LargestLimit, "1 to 10000");
        _order.CompletionSources.Add("started", Metrics);
        _fields.CompletionSources.Add(Metrics, "params.", "tag.");
    }

    public void AddTo(Command command)
    {
        command.Add(_kind);
        command.Add(_order);
        command.Add(_descending);
        command.Add(_limit);
        command.Add(_after);
        command.Add(_fields);
    }

    public async Task<int> RunAsync(Invocation invocation, RunFilter filter, CancellationToken cancellationToken)
    {
        var fields = invocation.Get(_fields)!.Select(ShownField.Parse).ToList();
        var order = OrderOf(invocation);
        if (invocation.Get(_order) is { } by && by.StartsWith(Metrics, StringComparison.Ordinal) && fields.All(field => field.Name != by))
        {
            fields.Add(ShownField.Parse(by));
        }
        if (invocation.Get(_kind) is { } kind) filter &= RunFilter.Kind.Is(kind.ToString());
        var query = new RunQuery
        {
            Filter = filter,
            Order = order,
            Limit = invocation.Get(_limit),
            After = invocation.Get(_after),
        };
        var workspace = await invocation.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (workspace.ConfigureAwait(false))
        {
            var page = await workspace.Runs.SearchAsync(query, cancellationToken).ConfigureAwait(false);
            invocation.Show(new RunList(page.Runs, page.Next), ToolJson.Default.RunList, found => Show(invocation.Terminal, found, fields));
        }

        return ExitCode.Done;
    }

    private RunOrder OrderOf(Invocation invocation)
    {
        var isDescending = invocation.Get(_descending);
        return invocation.Get(_order) switch
        {
            null when isDescending => throw new UsageException("--desc has nothing to order.", "Name a field with --order-by."),
            null => RunOrder.Newest,
            "started" => isDescending ? RunOrder.Newest : RunOrder.Oldest,
            var by when by.Length > Metrics.Length && by.StartsWith(Metrics, StringComparison.Ordinal) => isDescending
                ? RunOrder.Largest(by[Metrics.Length..])
                : RunOrder.Smallest(by[Metrics.Length..]),
            var by => throw new UsageException(
                $"Runs cannot be ordered by '{by}'.", "Order them by a metric, such as --order-by metrics.holdout.roc_auc, or by started."),
        };
    }

    private static void Show(Terminal terminal, RunList page, IReadOnlyList<ShownField> fields)
    {
        if (page.Runs.Count == 0)
        {
            terminal.Line("No runs were found.");
            return;
        }
        // Runs that belong to another one are found like others.
        var hasParents = page.Runs.Any(run => run.ParentRun is not null);
        var table = new TextTable(
        [
            "run", "of", "kind", "state", "started (UTC)", "took#", .. hasParents ? new[] { "belongs to" } : [],
            .. fields.Select(field => field.Header),
        ]);
        foreach (var run in page.Runs)
        {
            table.Add(
                run.State is RunState.Failed,
                [
                    run.Id,
                    run.Lifecycle,
                    run.Kind.ToString(),
                    run.State.ToString(),
                    Shown.Moment(run.StartedAt),
                    Shown.Duration(run.StartedAt, run.EndedAt),
                    .. hasParents ? new[] { run.ParentRun } : [],
                    .. fields.Select(field => field.Of(run)),
                ]);
        }
        terminal.Table(table);
        if (page.Next is { } next) terminal.Line($"There are more: --after {next}");
    }
}
