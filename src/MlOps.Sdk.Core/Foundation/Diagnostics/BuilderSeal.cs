using System.Runtime.CompilerServices;

namespace MlOps.Sdk.Diagnostics;

/// <summary>
/// What every builder does alike: it is used once, and collects what is wrong, so that all mistakes are reported together. Not thread-safe.
/// </summary>
/// <param name="verb">The call that hands the builder out, for messages.</param>
internal sealed class BuilderSeal(string verb)
{
    private readonly List<string> _mistakes = [];
    private readonly HashSet<string> _said = new(StringComparer.Ordinal);
    private readonly HashSet<string> _repeated = new(StringComparer.Ordinal);
    private bool _isBuilt;

    /// <summary>What was noted so far; builders within this one add theirs.</summary>
    public ICollection<string> Mistakes => _mistakes;

    /// <summary>Lets a call pass that may be repeated.</summary>
    /// <exception cref="InvalidOperationException">The builder was built.</exception>
    public void CheckOpen()
    {
        if (!_isBuilt) return;
        throw new InvalidOperationException(
            $"{verb} was already built, and cannot be changed or built again: create a new one. What was built can be used many times.");
    }

    /// <summary>Lets a call pass that is said once; a repetition is a mistake.</summary>
    /// <param name="call">The call, for the message.</param>
    /// <exception cref="InvalidOperationException">The builder was built.</exception>
    public void Once([CallerMemberName] string call = "")
    {
        CheckOpen();
        if (!_said.Add(call) && _repeated.Add(call)) Add($"{verb} calls {call} twice.", $"Keep one {call}(…).");
    }

    /// <summary>Notes a mistake.</summary>
    /// <param name="problem">What is wrong.</param>
    /// <param name="remedy">What to do about it.</param>
    public void Add(string problem, string remedy) => _mistakes.Add($"{problem} {remedy}");

    /// <summary>Calls what may find a mistake; a mistake is noted rather than thrown.</summary>
    /// <returns>Whether the call came to its end.</returns>
    public bool Collect(Action call)
    {
        try
        {
            call();
            return true;
        }
        catch (MlOpsException e)
        {
            _mistakes.Add(e.Message);
            return false;
        }
    }

    /// <summary>Closes the builder, and tells its mistakes.</summary>
    /// <exception cref="InvalidOperationException">The builder was built.</exception>
    public void Close(ICollection<string> mistakes)
    {
        CheckOpen();
        _isBuilt = true;
        foreach (var mistake in _mistakes) mistakes.Add(mistake);
    }
}
