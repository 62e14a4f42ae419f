namespace MlOps.Sdk.Tracking;

/// <summary>A text is not a filter of runs. The message has the place and what was expected.</summary>
public sealed class RunFilterException : MlOpsException
{
    internal RunFilterException(string problem, string remedy, string filter, int position, string expected)
        : base(problem, remedy) => (Filter, Position, Expected) = (filter, position, expected);

    /// <summary>The text.</summary>
    public string Filter { get; }

    /// <summary>
    /// The character of <see cref="Filter"/> at which it is wrong, from 0; its length where something is missing at the end.
    /// </summary>
    public int Position { get; }

    /// <summary>What is wrong there, without the place.</summary>
    public string Expected { get; }
}
