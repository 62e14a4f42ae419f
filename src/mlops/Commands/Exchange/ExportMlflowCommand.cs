using System.CommandLine;
using System.Text;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Tool;

/// <summary>
/// Sends runs to an MLflow server. Who asks is told by the variables that MLflow's own client reads, and by no option: command lines are
/// seen by others.
/// </summary>
internal sealed class ExportMlflowCommand : WorkspaceCommand
{
    private const string ServerVariable = "MLFLOW_TRACKING_URI";
    private const string TokenVariable = "MLFLOW_TRACKING_TOKEN";
    private const string UserVariable = "MLFLOW_TRACKING_USERNAME";
    private const string PasswordVariable = "MLFLOW_TRACKING_PASSWORD";

    public const string HeaderVariables = $"{TokenVariable}, or {UserVariable} and {PasswordVariable}";

    private readonly Argument<string?> _filter = new("filter")
    {
        Description = "Runs by a filter. Default: all.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _server = new("--server")
    {
        Description = $"The address of the server. Default: {ServerVariable}. Who asks is said by {HeaderVariables}.",
        HelpName = "address",
    };

    private readonly Option<string?> _experiment = new("--experiment")
    {
        Description = "The experiment of MLflow. Default: one for each lifecycle or experiment, of its name.",
        HelpName = "name",
    };

    public ExportMlflowCommand()
        : base("mlflow", "Send runs to an MLflow server. Those that are there already are completed, and not made again.")
    {
        Add(_filter);
        Add(_server);
        Add(_experiment);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "mlops export mlflow --server https://mlflow.example.com",
        "mlops export mlflow \"lifecycle = customer-churn\" --server https://mlflow.example.com --experiment churn",
    ];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var filter = invocation.Find(_filter) is { } text ? RunFilter.Parse(text) : null;
        var options = new MlflowOptions
        {
            Server = ServerOf(invocation),
            Experiment = invocation.Get(_experiment),
            Authorization = HeaderOf(invocation.Terminal) is { } header ? _ => ValueTask.FromResult(header) : null,
        };
        var report = await invocation.Terminal.TransferAsync(
            "Sending runs",
            progress => workspace.ExportToMlflowAsync(options, filter, progress, cancellationToken)).ConfigureAwait(false);
        invocation.Show(report, ToolJson.Default.MlflowReport, shown => Show(invocation.Terminal, shown));
        return ExitCode.Done;
    }

    private Uri ServerOf(Invocation invocation)
    {
        var typed = invocation.Get(_server) ?? invocation.Terminal.Variable(ServerVariable)
            ?? throw new UsageException("No server was named.", $"Name its address with --server, or with {ServerVariable}.");

        // The text is not repeated: it may have a password in it.
        return Uri.TryCreate(typed, UriKind.Absolute, out var server)
            ? server
            : throw new UsageException(
                "The server is not an address.", $"Name one such as https://mlflow.example.com with --server, or with {ServerVariable}.");
    }

    private static string? HeaderOf(Terminal terminal)
    {
        if (terminal.Variable(UserVariable) is { } user && terminal.Variable(PasswordVariable) is { } password)
        {
            return $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))}";
        }
        return terminal.Variable(TokenVariable) is { } token ? $"Bearer {token.Trim()}" : null;
    }

    private static void Show(Terminal terminal, MlflowReport report)
    {
        terminal.Line(
            $"Runs that were made: {Prose.Count(report.Created)}, completed: {Prose.Count(report.Continued)}, " +
            $"there already: {Prose.Count(report.Unchanged)}");
        terminal.Line(
            $"Values of metrics that were sent: {Prose.Count(report.Metrics)}, artifacts: {Prose.Count(report.Artifacts)}");
        if (report.ArtifactsLeftOut > 0)
        {
            terminal.Line($"Left out, because the server does not take them: {Prose.Count(report.ArtifactsLeftOut, "artifact")}");
        }
        if (report.Cut > 0) terminal.Line($"Cut, because MLflow keeps no longer ones: {Prose.Count(report.Cut, "text")}");
        foreach (var run in report.InProgress) terminal.Line($"Left out, because it is in progress: run {run}");
    }
}
