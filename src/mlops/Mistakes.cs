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
        foreach (var error in parsed.Errors.Select(Say).Distinct())
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

    // What the parser says has names of types and tabs.
    private static string Say(ParseError error) => error.SymbolResult switch
    {
        ArgumentResult { Tokens.Count: 0 } result when result.Argument.Arity.MinimumNumberOfValues > 0 && result.Parent is CommandResult =>
            $"<{result.Argument.Name}> is missing: {result.Argument.Description}{AtLeast(result.Argument.Arity)}",
        ArgumentResult result when result.Parent is CommandResult && IsTooFew(result) =>
            $"<{result.Argument.Name}> is given {result.Tokens.Count} time: {result.Argument.Description}{AtLeast(result.Argument.Arity)}",
        ArgumentResult { Parent: OptionResult option } when IsOfType(error) => Say(option.Option.Name, option.Option.ValueType, error),
        ArgumentResult result when IsOfType(error) => Say($"<{result.Argument.Name}>", result.Argument.ValueType, error),
        OptionResult result when IsOfType(error) => Say(result.Option.Name, result.Option.ValueType, error),
        _ => error.Message.Replace("\t", "  ", StringComparison.Ordinal),
    };

    private static bool IsTooFew(ArgumentResult result) => result.Tokens.Count < result.Argument.Arity.MinimumNumberOfValues;

    private static string AtLeast(ArgumentArity arity) =>
        arity.MinimumNumberOfValues > 1 ? $" At least {Shown.Number(arity.MinimumNumberOfValues)} are needed." : "";

    private static bool IsOfType(ParseError error) => error.Message.StartsWith("Cannot parse argument '", StringComparison.Ordinal);

    private static string Say(string name, Type type, ParseError error)
    {
        var typed = error.Message.Split('\'')[1];
        var of = type.IsArray ? type.GetElementType()! : type;
        of = Nullable.GetUnderlyingType(of) ?? of;
        if (of.IsEnum)
        {
            var values = Enum.GetNames(of);
            var near = NearestName.Find(typed, values) is { } meant ? $" Did you mean '{meant}'?" : "";
            return $"'{typed}' is no value of {name}.{near} It takes: {string.Join(", ", values)}.";
        }
        var what = of == typeof(int) || of == typeof(long) ? "a whole number in its range"
            : of == typeof(double) ? "a number"
            : "a value for it";
        return $"{name}: '{typed}' is not {what}.";
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
