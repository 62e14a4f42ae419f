using System.CommandLine;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Tool;

/// <summary>Lists runs, the newest first.</summary>
internal sealed class RunListCommand : ToolCommand
{
    private readonly Option<string?> _lifecycle = new("--lifecycle")
    {
        Description = "Only runs of this lifecycle or experiment.",
        HelpName = "name",
    };

    private readonly Option<RunState?> _state = new("--state") { Description = "Only runs in this state." };

    private readonly SearchOptions _search = new();

    public RunListCommand()
        : base("list", "List runs, the newest first.")
    {
        Add(_lifecycle);
        Add(_state);
        _search.AddTo(this);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "mlops runs list",
        "mlops runs list --lifecycle customer-churn --state Failed --limit 5",
        "mlops runs list --show metrics.holdout.roc_auc",
    ];

    public override Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var filter = RunFilter.All;
        if (invocation.Get(_lifecycle) is { } lifecycle) filter &= RunFilter.Lifecycle.Is(lifecycle);
        if (invocation.Get(_state) is { } state) filter &= RunFilter.State.Is(state.ToString());
        return _search.RunAsync(invocation, filter, cancellationToken);
    }
}
