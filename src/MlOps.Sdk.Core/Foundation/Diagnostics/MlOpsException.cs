using System.Globalization;
using System.Text;

namespace MlOps.Sdk;

/// <summary>
/// The base of every failure that the library reports: what went wrong, where, and how to fix it.
/// The message joins the parts; each part can also be read alone.
/// </summary>
public class MlOpsException : Exception
{
    /// <summary>Creates a failure.</summary>
    /// <param name="problem">What went wrong, as a sentence without secrets.</param>
    /// <param name="remedy">What the reader can do about it.</param>
    /// <param name="inner">The cause, where there is one.</param>
    public MlOpsException(string problem, string? remedy = null, Exception? inner = null)
        : base(problem, inner)
    {
        Problem = problem;
        Remedy = remedy;
    }

    /// <summary>Creates a failure without details.</summary>
    public MlOpsException()
        : this("The operation failed.")
    {
    }

    /// <summary>Creates a failure without details.</summary>
    /// <param name="message">What went wrong.</param>
    public MlOpsException(string message)
        : this(message, remedy: null)
    {
    }

    /// <summary>Creates a failure with its cause.</summary>
    /// <param name="message">What went wrong.</param>
    /// <param name="innerException">The cause.</param>
    public MlOpsException(string message, Exception innerException)
        : this(message, null, innerException)
    {
    }

    /// <summary>What went wrong, without location and remedy.</summary>
    public string Problem { get; }

    /// <summary>What the reader can do about it; <see langword="null"/> when nothing is known.</summary>
    public string? Remedy { get; }

    /// <summary>The stage that failed, where the failure belongs to one.</summary>
    public LifecycleStage? Stage { get; internal set; }

    /// <summary>
    /// The plug-in or the application's code that failed, as the full name of its class; <see langword="null"/> where the library did.
    /// </summary>
    public string? Plugin { get; internal set; }

    /// <summary>The file, query or source that was read, where there is one.</summary>
    public string? DataSource { get; init; }

    /// <summary>The line of the file (the first line is 1), where there is one.</summary>
    public long? Line { get; init; }

    /// <summary>The column, where there is one.</summary>
    public string? Column { get; init; }

    /// <summary>
    /// Whether a caller gave what a model cannot answer, or wants what cannot be done, so that it is no failure of the model or of the
    /// host.
    /// </summary>
    internal bool IsOfCaller { get; init; }

    private static bool EndsSentence(string text) =>
        text.AsSpan().TrimEnd().TrimEnd("\"')”") is [.., '.' or '!' or '?' or ':' or '…'];

    /// <inheritdoc/>
    public override string Message
    {
        get
        {
            var text = new StringBuilder(Problem.TrimEnd());
            var where = new List<string>(3);
            if (DataSource is not null) where.Add(DataSource);
            if (Line is { } line) where.Add(string.Create(CultureInfo.InvariantCulture, $"line {line}"));
            if (Column is not null) where.Add($"column '{Column}'");
            if (where.Count > 0) text.Append(" (").AppendJoin(", ", where).Append(')');
            if (Remedy is null) return text.ToString();

            // What a server or a driver said may end without a full stop.
            if (!EndsSentence(Problem)) text.Append('.');
            return text.Append(' ').Append(Remedy).ToString();
        }
    }
}
