using System.CommandLine;
using System.CommandLine.Parsing;
using MlOps.Sdk.Data;
using Spectre.Console;

namespace MlOps.Sdk.Tool;

/// <summary>Says what is wrong with a command line that cannot be parsed.</summary>
internal static class Mistakes
{
    public static int Report(ParseResult parsed, Terminal terminal)
    {
        var command = parsed.CommandResult;
        foreach (var error in parsed.Errors.Select(error => error.Message).Distinct())
        {
            terminal.Complain(error, new Style(Color.Red));
        }
        foreach (var token in parsed.UnmatchedTokens.Take(3))
        {
            if (NearestName.Find(token, Names(command)) is { } near) terminal.Complain($"Did you mean '{near}'?");
        }
        terminal.Complain($"See: {PathOf(command)} --help");
        return ExitCode.Usage;
    }

    private static IEnumerable<string> Names(CommandResult command) => command.Command.Subcommands.Select(inner => inner.Name)
        .Concat(command.Command.Options.Select(option => option.Name))
        .Concat(command.Parent is CommandResult parent
            ? Names(parent).Where(name => name.StartsWith("--", StringComparison.Ordinal))
            : []);

    private static string PathOf(CommandResult command)
    {
        List<string> names = [];
        for (SymbolResult? each = command; each is CommandResult one; each = each.Parent)
        {
            names.Add(one.Command is RootCommand ? "mlops" : one.Command.Name);
        }
        names.Reverse();
        return string.Join(' ', names);
    }
}
