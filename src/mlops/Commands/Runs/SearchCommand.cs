using System.CommandLine;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Tool;

/// <summary>Finds runs by a filter.</summary>
internal sealed class SearchCommand : ToolCommand
{
    private readonly Argument<string> _filter = new("filter")
    {
        Description = "Comparisons such as metrics.holdout.roc_auc > 0.8 and params.leaves = 31 and tag.team = \"retention\".",
    };

    private readonly SearchOptions _search = new();

    public SearchCommand()
        : base("search", "Find runs by their metrics, parameters, tags, state or times.")
    {
        Add(_filter);
        _search.AddTo(this);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "mlops search \"metrics.holdout.roc_auc > 0.8\" --order-by metrics.holdout.roc_auc --desc --limit 10",
        "mlops search \"state = Failed and started > 2026-01-31\"",
        "mlops search \"params.leaves in (31, 63)\" --kind trial --show params.leaves --show metrics.holdout.roc_auc",
    ];

    public override Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken) =>
        _search.RunAsync(invocation, RunFilter.Parse(invocation.Get(_filter)), cancellationToken);
}
