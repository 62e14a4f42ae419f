using System.Globalization;

namespace MlOps.Sdk;

/// <summary>
/// Rows were rejected by the input contract of the model, before the model saw them: the caller gave what it must not. Nothing was
/// predicted, and nothing is recorded.
/// </summary>
public sealed class InputRejectedException : MlOpsException
{
    private const int MostTold = 5;

    internal InputRejectedException(string model, IReadOnlyList<InputProblem> problems, long problemCount, bool isSingle)
        : base(Tell(model, problems, problemCount, isSingle), string.Join(" ", problems.Take(MostTold).Select(p => p.Remedy).Distinct()))
    {
        IsOfCaller = true;
        Problems = problems;
        ProblemCount = problemCount;
        if (problems.Select(problem => problem.Column).Distinct().Count() == 1) Column = problems[0].Column;
    }

    /// <summary>Creates the failure without details.</summary>
    public InputRejectedException()
        : base("Rows are rejected by the input contract of the model.")
    {
    }

    /// <summary>Creates the failure without details.</summary>
    /// <param name="message">What was rejected.</param>
    public InputRejectedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the failure with its cause.</summary>
    /// <param name="message">What was rejected.</param>
    /// <param name="innerException">The cause.</param>
    public InputRejectedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>All problems of all rows, by row and column; the first 10,000 where there are more.</summary>
    public IReadOnlyList<InputProblem> Problems { get; } = [];

    /// <summary>How many problems there are.</summary>
    public long ProblemCount { get; }

    private static string Tell(string model, IReadOnlyList<InputProblem> problems, long count, bool isSingle)
    {
        var told = problems.Take(MostTold).Select(problem => isSingle
            ? problem.Problem
            : string.Create(CultureInfo.InvariantCulture, $"Row {problem.Row}: {problem.Problem}"));
        var more = count > MostTold ? string.Create(CultureInfo.InvariantCulture, $" And {count - MostTold:N0} more.") : "";
        var subject = isSingle ? "The row is" : "Rows, counted from 0, are";
        return $"{subject} rejected by the input contract of '{model}'. {string.Join(" ", told)}{more}";
    }
}
