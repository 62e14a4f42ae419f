namespace MlOps.Sdk;

/// <summary>
/// The sources have no rows that are new since the last run that succeeded, so there is nothing to do. What that run found stands, and the
/// run that was begun ends as <c>NothingNew</c>.
/// </summary>
public sealed class NothingNewException : MlOpsException
{
    /// <summary>Creates the failure.</summary>
    /// <param name="problem">What was expected.</param>
    /// <param name="remedy">What the reader can do about it.</param>
    public NothingNewException(string problem, string? remedy)
        : base(problem, remedy)
    {
    }

    /// <summary>Creates the failure without details.</summary>
    public NothingNewException()
        : base("Nothing is new.")
    {
    }

    /// <summary>Creates the failure without details.</summary>
    /// <param name="message">What was expected.</param>
    public NothingNewException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the failure with its cause.</summary>
    /// <param name="message">What was expected.</param>
    /// <param name="innerException">The cause.</param>
    public NothingNewException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
