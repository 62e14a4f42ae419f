using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace MlOps.Sdk.Tool;

/// <summary>
/// Answers what may follow in a command line, for the scripts of shells: values and commands first, options where a dash is typed or
/// nothing else may follow.
/// </summary>
internal sealed class SuggestAction : SynchronousCommandLineAction
{
    private const string Directive = "[suggest";

    // A cursor behind the line means blanks that a shell left out.
    private const int FarthestCursor = 100_000;

    public override int Invoke(ParseResult parseResult)
    {
        var (line, cursor) = Typed(parseResult);

        // The first word is the tool itself, by whatever name or path.
        var first = line.TakeWhile(letter => !char.IsWhiteSpace(letter)).Count();
        if (first >= cursor) return ExitCode.Done;
        line = line[first..cursor];
        var word = line[(line.LastIndexOfAny([' ', '\t']) + 1)..];
        var completed = CommandLineParser.Parse(parseResult.RootCommandResult.Command, line, parseResult.Configuration);
        string[] all =
        [
            .. completed.GetCompletions(line.Length)
                .OrderBy(item => item.SortText, StringComparer.Ordinal)
                .Select(item => item.InsertText ?? item.Label)
                .Where(item => !item.StartsWith('/') && item.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                .Distinct(),
        ];
        string[] values = [.. all.Where(item => !item.StartsWith('-'))];

        // One letter is quickly typed.
        string[] options = [.. all.Where(item => item.StartsWith("--", StringComparison.Ordinal))];
        foreach (var item in values.Length > 0 && !word.StartsWith('-') ? values : options)
        {
            parseResult.InvocationConfiguration.Output.WriteLine(item);
        }

        return ExitCode.Done;
    }

    private static (string Line, int Cursor) Typed(ParseResult parsed)
    {
        var line = parsed.Tokens.LastOrDefault(token => token.Type != TokenType.Directive)?.Value ?? "";
        var directive = parsed.Tokens.First(
            token => token.Type == TokenType.Directive && token.Value.StartsWith(Directive, StringComparison.Ordinal)).Value;
        var colon = directive.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && int.TryParse(directive.AsSpan((colon + 1)..^1), out var cursor) && cursor is >= 0 and <= FarthestCursor
            ? (line.PadRight(cursor), cursor)
            : (line, line.Length);
    }
}
