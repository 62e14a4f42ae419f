using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Tracking;
using Spectre.Console;

namespace MlOps.Sdk.Tool;

/// <summary>Says what failed and what to do about it, on the error output.</summary>
internal sealed class Failures(Terminal terminal, bool isVerbose)
{
    private static readonly Style s_problem = new(Color.Red);

    public int Cancelled()
    {
        terminal.Complain("Cancelled.", s_problem);
        return ExitCode.Cancelled;
    }

    /// <summary>A filter that cannot be read: with a mark below the place.</summary>
    public int Filter(RunFilterException failure)
    {
        terminal.Complain($"The filter is wrong: {Sentence(failure.Expected)}", s_problem);

        // Whatever is hidden takes one place, so that the mark stands where the mistake is.
        var shown = string.Concat(failure.Filter.Select(letter => char.IsControl(letter) ? ' ' : letter));
        if (shown.Length is > 0 and <= 500)
        {
            terminal.Complain($"  {shown}");
            terminal.Complain($"  {new string(' ', failure.Position)}^", s_problem);
        }
        Advise(failure);
        return ExitCode.Usage;
    }

    public int Usage(MlOpsException failure)
    {
        Report(failure);
        return ExitCode.Usage;
    }

    /// <summary>A value that the library takes from nobody, such as an empty name.</summary>
    public int Argument(ArgumentException failure)
    {
        // .NET adds the name of a parameter, which nobody typed.
        var parameter = $" (Parameter '{failure.ParamName}')";
        var problem = failure.Message;
        if (problem.EndsWith(parameter, StringComparison.Ordinal)) problem = problem[..^parameter.Length];
        terminal.Complain(ApiWords.Say(problem), s_problem);
        ShowOrigin(failure);
        return ExitCode.Usage;
    }

    /// <summary>What people must approve first. Where it was requested now, the message has the number of the request.</summary>
    public int MustBeApproved(ApprovalRequiredException failure)
    {
        Report(failure);
        return ExitCode.MustBeApproved;
    }

    public int Known(MlOpsException failure)
    {
        Report(failure);
        return ExitCode.Failed;
    }

    /// <summary>What the file system says has the path, and no remedy.</summary>
    public int File(Exception failure)
    {
        terminal.Complain(Secrets.Blank(failure.Message), s_problem);
        ShowOrigin(failure);
        return ExitCode.Failed;
    }

    public int Unknown(Exception failure)
    {
        terminal.Complain($"{failure.GetType().Name}: {Secrets.Blank(failure.Message)}", s_problem);
        if (isVerbose) ShowOrigin(failure);
        else terminal.Complain("This is unexpected. Run the command again with --verbose, and report what it shows.");
        return ExitCode.Failed;
    }

    private static string Sentence(string text) => text is [.., '.' or '?' or '!'] ? text : text + ".";

    private void Report(MlOpsException failure)
    {
        // The message ends with the remedy, which stands on a line of its own here.
        var problem = failure.Remedy is { Length: > 0 } remedy && failure.Message.EndsWith(remedy, StringComparison.Ordinal)
            ? failure.Message[..^remedy.Length].TrimEnd()
            : failure.Message;
        terminal.Complain(ApiWords.Say(problem), s_problem);
        Advise(failure);
    }

    private void Advise(MlOpsException failure)
    {
        if (failure.Remedy is { Length: > 0 } remedy) terminal.Complain(ApiWords.Say(remedy));
        ShowOrigin(failure);
    }

    private void ShowOrigin(Exception failure)
    {
        if (isVerbose) terminal.Complain(Secrets.Blank(failure).ToString());
    }
}
