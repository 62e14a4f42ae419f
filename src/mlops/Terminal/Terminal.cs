using MlOps.Sdk.Data;
using Spectre.Console;

namespace MlOps.Sdk.Tool;

/// <summary>
/// What the tool writes to: results to the output, everything else to the error output. Texts of a workspace or a file may be anything:
/// they are written without control characters, and nothing in them is markup.
/// </summary>
internal sealed class Terminal
{
    // Wide enough for every table: what a file or another program reads is never cut.
    private const int Endless = 100_000;

    private readonly Func<string, string?> _variables;
    private readonly IAnsiConsole _output;
    private readonly IAnsiConsole _errors;
    private readonly Screen _screen;

    public Terminal(Screen output, Screen errors, Func<string, string?> variables)
    {
        (_screen, _variables) = (output, variables);
        var isPlain = Variable("TERM") == "dumb";
        _output = Open(output, isPlain);
        _errors = Open(errors, isPlain);
        IsInteractive = errors.IsTerminal && !isPlain;
        (Out, Error) = (output.Writer, errors.Writer);
    }

    /// <summary>Takes results as they are.</summary>
    public TextWriter Out { get; }

    /// <summary>Takes messages as they are.</summary>
    public TextWriter Error { get; }

    /// <summary>Whether somebody looks at the error output, so that progress can be shown there.</summary>
    public bool IsInteractive { get; }

    /// <summary>The columns of the terminal that results are written to; <see langword="null"/> where it is none.</summary>
    public int? Width => _screen.IsTerminal ? _output.Profile.Width : null;

    /// <summary>Whether people look at the results.</summary>
    public bool IsLookedAt => _screen.IsTerminal;

    /// <summary>A variable of the environment; <see langword="null"/> when it is empty or not set.</summary>
    public string? Variable(string name) => _variables(name) is { Length: > 0 } value ? value : null;

    /// <summary>Writes a line of a result.</summary>
    public void Line(string text = "", Style? style = null) => Write(_output, text, style);

    /// <summary>Writes a heading above a part of a result.</summary>
    public void Heading(string text)
    {
        Line();
        Line(text, new Style(decoration: Decoration.Bold));
    }

    /// <summary>Writes a message.</summary>
    public void Complain(string text, Style? style = null) => Write(_errors, text, style);

    /// <summary>Writes a table.</summary>
    public void Table(TextTable table) => table.Write(_output, _screen);

    /// <summary>Works on something that may take long, and shows how far it is where somebody looks.</summary>
    /// <param name="title">What is done.</param>
    /// <param name="work">Does it, and tells how many things are done.</param>
    /// <param name="unit">What one of the things is called; more have an s, or as <paramref name="units"/> says.</param>
    /// <param name="units">What several are called.</param>
    public Task<T> WorkAsync<T>(string title, Func<IProgress<long>, Task<T>> work, string unit = "row", string? units = null) =>
        ShowAsync<T, long>(context => new WorkBar(context, title, unit, units ?? $"{unit}s"), work);

    /// <summary>Copies something, and shows how much of it is done where somebody looks.</summary>
    /// <param name="title">What is done.</param>
    /// <param name="work">Does it, and tells how far it is.</param>
    public Task<T> TransferAsync<T>(string title, Func<IProgress<TransferProgress>, Task<T>> work) =>
        ShowAsync<T, TransferProgress>(context => new TransferBar(context, title), work);

    private async Task<T> ShowAsync<T, TProgress>(
        Func<ProgressContext, IProgress<TProgress>> show, Func<IProgress<TProgress>, Task<T>> work)
    {
        if (!IsInteractive) return await work(new Unseen<TProgress>()).ConfigureAwait(false);
        return await _errors.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new ElapsedTimeColumn())
            .StartAsync(async context => await work(show(context)).ConfigureAwait(false))
            .ConfigureAwait(false);
    }

    private static void Write(IAnsiConsole console, string text, Style? style)
    {
        // What somebody wrote in several lines must not look like lines of the tool: the others stand further in.
        var indent = "";
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            console.Write(new WholeLine(indent + PrintableText.Clean(line), style ?? Style.Plain));
            console.WriteLine();
            indent = "  ";
        }
    }

    private IAnsiConsole Open(Screen screen, bool isPlain)
    {
        var hasColours = screen.IsTerminal && !isPlain && Variable("NO_COLOR") is null;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            // Older consoles of Windows know no sequences.
            Ansi = !screen.IsTerminal || isPlain ? AnsiSupport.No : OperatingSystem.IsWindows() ? AnsiSupport.Detect : AnsiSupport.Yes,
            ColorSystem = hasColours ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = screen.IsTerminal && !isPlain ? InteractionSupport.Yes : InteractionSupport.No,
            Out = new AnsiConsoleOutput(screen.Writer),

            // What a build server is recognised by changes nothing.
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        if (!screen.IsTerminal) console.Profile.Width = Endless;
        return console;
    }

    private sealed class Unseen<T> : IProgress<T>
    {
        public void Report(T value)
        {
        }
    }
}
