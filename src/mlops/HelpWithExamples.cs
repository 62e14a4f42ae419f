using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace MlOps.Sdk.Tool;

/// <summary>The help of a command, then examples of it; that of the tool has its exit codes and variables, too.</summary>
internal sealed class HelpWithExamples(HelpAction standard, Terminal terminal) : SynchronousCommandLineAction
{
    private static readonly string[] s_examples =
    [
        "mlops runs list",
        "mlops search \"metrics.holdout.roc_auc > 0.8\" --order-by metrics.holdout.roc_auc --desc",
        "mlops approve 7 --role risk-officer --reason \"the bias report is fine\"",
        "mlops promote customer-churn 3 --reason \"approved by the risk team\"",
        "mlops drift last-month.csv this-month.csv --json",
    ];

    public override int Invoke(ParseResult parseResult)
    {
        if (terminal.Width is { } width) standard.MaxWidth = width;
        var output = parseResult.InvocationConfiguration.Output;
        var command = parseResult.CommandResult.Command;
        HideArguments(command);
        var code = standard.Invoke(parseResult);
        var examples = command switch
        {
            ToolCommand tool => tool.Examples,
            RootCommand => s_examples,
            _ => [],
        };
        if (examples.Count > 0)
        {
            output.WriteLine("Examples:");
            foreach (var example in examples) output.WriteLine($"  {example}");
            output.WriteLine();
        }
        if (command is not RootCommand) return code;
        output.WriteLine("Exit codes:");
        output.WriteLine("  0    done");
        output.WriteLine("  1    done, and something was found: drift, an audit log that is not intact, a conflict");
        output.WriteLine("  2    the command line is wrong; nothing was done");
        output.WriteLine("  3    it could not be done");
        output.WriteLine("  4    people must approve it first");
        output.WriteLine("  130  cancelled by Ctrl+C (143: by SIGTERM)");
        output.WriteLine();
        output.WriteLine("Environment:");
        output.WriteLine($"  {SharedOptions.WorkspaceVariable}  the folder of the workspace");
        output.WriteLine($"  {SharedOptions.ActorVariable}      who acts");
        output.WriteLine($"  {DecisionCommand.RolesVariable}      the roles in which you approve, with commas between them");
        output.WriteLine("  NO_COLOR         set to anything, no colours are used");
        output.WriteLine();
        return code;
    }

    // The arguments of the commands around it are not typed: mlops backup verify takes nothing before its name.
    private static void HideArguments(Command command)
    {
        foreach (var outer in command.Parents.OfType<Command>())
        {
            foreach (var argument in outer.Arguments) argument.Hidden = true;
            HideArguments(outer);
        }
    }
}
