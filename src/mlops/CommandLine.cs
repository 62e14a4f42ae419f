using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Tool;

/// <summary>The commands, and what becomes of a command line.</summary>
internal static class CommandLine
{
    /// <summary>Runs a command line.</summary>
    /// <returns>A value of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        var shared = new SharedOptions();
        var root = Create(shared, terminal);

        // An argument that begins with @ is a value, not a file of arguments.
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction) return Mistakes.Report(parsed, terminal);
        var failures = new Failures(terminal, parsed.GetValue(shared.Verbose));
        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    Output = terminal.Out,
                    Error = terminal.Error,
                    EnableDefaultExceptionHandler = false,

                    // Program.cs listens to signals.
                    ProcessTerminationTimeout = null,
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return failures.Cancelled();
        }
        catch (RunFilterException e)
        {
            return failures.Filter(e);
        }
        catch (UsageException e)
        {
            return failures.Usage(e);
        }
        catch (ApprovalRequiredException e)
        {
            return failures.MustBeApproved(e);
        }
        catch (MlOpsException e)
        {
            return failures.Known(e);
        }
        catch (ArgumentException e)
        {
            return failures.Argument(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return failures.File(e);
        }
        catch (Exception e)
        {
            return failures.Unknown(e);
        }
    }

    /// <summary>The commands.</summary>
    public static RootCommand Create(SharedOptions shared, Terminal terminal)
    {
        var completions = new Completions(shared, terminal);
        var root = new RootCommand("Runs, models and data of a workspace of MlOps.Sdk.")
        {
            shared.Workspace, shared.Actor, shared.Json, shared.Verbose,
            new CommandGroup(
                "runs",
                "List and show runs.",
                new RunListCommand(),
                new RunShowCommand(completions),
                new RunMetricsCommand(completions),
                new RunLogCommand(completions),
                new RunLeaderboardCommand(completions)),
            new SearchCommand(),
            new CompareCommand(completions),
            new CommandGroup(
                "models",
                "List, compare and describe models and their versions.",
                new ModelListCommand(),
                new ModelVersionsCommand(completions),
                new ModelShowCommand(completions),
                new ModelHistoryCommand(completions),
                new ModelChangesCommand(completions),
                new ModelCompareCommand(completions),
                new ModelTagCommand(completions),
                new ModelUntagCommand(completions),
                new ModelDescribeCommand(completions),
                new CommandGroup(
                    "alias",
                    "Set and remove aliases, which name versions and serve nothing.",
                    new AliasSetCommand(completions),
                    new AliasRemoveCommand(completions)),
                new ModelArchiveCommand(completions),
                new ModelUnarchiveCommand(completions),
                new ModelDeleteCommand(completions)),
            new CardCommand(completions),
            new PromoteCommand(completions),
            new RollbackCommand(completions),
            new CommandGroup(
                "approvals",
                "List and show what people must approve.",
                new ApprovalListCommand(completions),
                new ApprovalShowCommand(completions)),
            new ApproveCommand(completions),
            new RejectCommand(completions),
            new CommandGroup(
                "audit",
                "Read, verify and export the audit log.",
                new AuditVerifyCommand(),
                new AuditListCommand(),
                new AuditAnchorCommand(),
                new AuditExportCommand()),
            new BackupCommand(),
            new RestoreCommand(),
            new ExportCommand(completions),
            new ImportCommand(),
            new GarbageCommand(),
            new ProfileCommand(),
            new DriftCommand(),
            new ScoreCommand(completions),
            new CompletionCommand(),
        };
        foreach (var suggest in root.Directives.OfType<SuggestDirective>()) suggest.Action = new SuggestAction();
        Prepare(root, shared, terminal);
        completions.OfferVersions(root);
        return root;
    }

    private static void Prepare(Command command, SharedOptions shared, Terminal terminal)
    {
        var help = command.Options.OfType<HelpOption>().FirstOrDefault();
        if (help?.Action is HelpAction standard) help.Action = new HelpWithExamples(standard, terminal);
        if (command is ToolCommand tool)
        {
            tool.SetAction((parsed, cancellationToken) =>
                tool.RunAsync(new Invocation(parsed, shared, terminal), cancellationToken));
        }
        else
        {
            // Alone, a group shows what it has. Nothing was done: a script whose variable is empty must not go on.
            command.SetAction(parsed =>
            {
                parsed.InvocationConfiguration.Output = terminal.Error;
                new HelpWithExamples(new HelpAction(), terminal).Invoke(parsed);
                return ExitCode.Usage;
            });
        }

        foreach (var inner in command.Subcommands) Prepare(inner, shared, terminal);
    }
}
