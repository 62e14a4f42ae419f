using MlOps.Sdk.Diagnostics;

namespace MlOps.Sdk.Problem;

/// <summary>Stage 1: what is to be solved, for whom, at what risk. Not thread-safe.</summary>
public sealed class ProblemBuilder
{
    private readonly BuilderSeal _seal = new("DefineProblem");
    private (TaskKind Kind, string Label, string? Positive)? _task;
    private readonly List<string> _protected = [];
    private string? _objective;
    private ErrorCosts? _costs;
    private string? _owner;
    private RiskLevel? _risk;
    private string? _baseline;

    internal ProblemBuilder()
    {
    }

    /// <summary>One of two classes is predicted.</summary>
    /// <param name="label">The column with the truth.</param>
    /// <param name="positive">The label's value that counts as positive, exactly as in the data.</param>
    public ProblemBuilder BinaryClassification(string label, string positive)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(positive);
        return Task(TaskKind.BinaryClassification, label, positive);
    }

    /// <summary>One of several classes is predicted; the classes are the label's values.</summary>
    /// <param name="label">The column with the truth.</param>
    public ProblemBuilder MulticlassClassification(string label) => Task(TaskKind.MulticlassClassification, label, null);

    /// <summary>A number is predicted.</summary>
    /// <param name="label">The column with the truth.</param>
    public ProblemBuilder Regression(string label) => Task(TaskKind.Regression, label, null);

    /// <summary>What the prediction is good for, in a sentence.</summary>
    /// <param name="objective">The sentence.</param>
    public ProblemBuilder Objective(string objective)
    {
        _seal.Once();
        ArgumentException.ThrowIfNullOrWhiteSpace(objective);
        _objective = objective;
        return this;
    }

    /// <summary>What errors cost, in any one unit; the decision threshold is chosen from it. Binary classification only.</summary>
    /// <param name="falsePositive">The cost of acting where there was no need, at least 0.</param>
    /// <param name="falseNegative">The cost of not acting where there was need, at least 0; not both are 0.</param>
    public ProblemBuilder Cost(double falsePositive, double falseNegative)
    {
        _seal.Once();
        if (!double.IsFinite(falsePositive) || falsePositive < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(falsePositive), falsePositive, "A cost is a finite number of at least 0.");
        }
        if (!double.IsFinite(falseNegative) || falseNegative < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(falseNegative), falseNegative, "A cost is a finite number of at least 0.");
        }
        if (falsePositive + falseNegative == 0)
        {
            throw new ArgumentException("At least one kind of error must cost something.", nameof(falseNegative));
        }
        _costs = new ErrorCosts(falsePositive, falseNegative);
        return this;
    }

    /// <summary>The team or person that answers for the model.</summary>
    /// <param name="owner">A name.</param>
    public ProblemBuilder Owner(string owner)
    {
        _seal.Once();
        ArgumentException.ThrowIfNullOrWhiteSpace(owner);
        _owner = owner;
        return this;
    }

    /// <summary>The risk that the use of the model bears.</summary>
    /// <param name="risk">The level.</param>
    public ProblemBuilder Risk(RiskLevel risk)
    {
        _seal.Once();
        if (!Enum.IsDefined(risk)) throw new ArgumentOutOfRangeException(nameof(risk), risk, "The risk level is not defined.");
        _risk = risk;
        return this;
    }

    /// <summary>
    /// Columns by which nobody may be put at a disadvantage. Name them to <c>Observe</c> as well to keep them out of the features.
    /// </summary>
    /// <param name="attributes">Columns of the collected rows.</param>
    public ProblemBuilder Protect(params string[] attributes)
    {
        _seal.CheckOpen();
        foreach (var attribute in attributes)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(attribute, nameof(attributes));
            if (!_protected.Contains(attribute)) _protected.Add(attribute);
        }

        return this;
    }

    /// <summary>What is done today without the model, and how well, so that the gain can be named.</summary>
    /// <param name="description">A sentence.</param>
    public ProblemBuilder Baseline(string description)
    {
        _seal.Once();
        ArgumentException.ThrowIfNullOrWhiteSpace(description);
        _baseline = description;
        return this;
    }

    internal ProblemDefinition? Build(BuildContext context)
    {
        var mistakes = context.Mistakes;
        _seal.Close(mistakes);
        if (_task is not var (kind, label, positive) || label is null)
        {
            context.Lacks(
                LifecycleStage.Problem,
                "DefineProblem has no task. Call BinaryClassification, MulticlassClassification or Regression.");
            return null;
        }

        if (_costs is not null && kind != TaskKind.BinaryClassification)
            mistakes.Add($"Cost is for binary classification, but the task is {kind}. Remove Cost, or choose BinaryClassification.");
        if (_protected.Contains(label))
            mistakes.Add($"The label '{label}' is a protected attribute. Remove it from Protect.");
        return new ProblemDefinition
        {
            Task = kind,
            Label = label,
            PositiveClass = positive,
            Objective = _objective,
            Costs = _costs,
            Owner = _owner,
            Risk = _risk ?? RiskLevel.Minimal,
            IsRiskStated = _risk is not null,
            ProtectedAttributes = [.. _protected],
            Baseline = _baseline,
        };
    }

    private ProblemBuilder Task(TaskKind kind, string label, string? positive)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(label);
        _seal.CheckOpen();
        if (_task is { Kind: var before })
        {
            _seal.Add("DefineProblem sets the task twice, but a lifecycle solves one task.", $"Keep {before} or {kind}.");
        }
        _task = (kind, label, positive);
        return this;
    }
}
