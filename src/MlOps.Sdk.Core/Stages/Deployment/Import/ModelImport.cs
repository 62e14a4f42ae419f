using System.Globalization;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// How a model that was trained elsewhere is taken in: what it solves, and on which declared rows it is judged. Not thread-safe.
/// </summary>
public sealed class ModelImport
{
    private readonly BuilderSeal _seal = new("The import");
    private readonly ProblemBuilder _problem = new();
    private readonly MetricsBuilder _metrics = new();
    private bool _hasProblem;
    private bool _hasGates;
    private (ProblemDefinition Problem, MetricPlan Metrics)? _built;

    internal ModelImport()
    {
    }

    internal IDataSource? Source { get; private set; }

    internal string? Key { get; private set; }

    internal string? WeightColumn { get; private set; }

    internal int Golden { get; private set; } = 16;

    internal double DecisionThreshold { get; private set; } = 0.5;

    internal string? About { get; private set; }

    internal bool Promotes { get; private set; } = true;

    internal double Margin { get; private set; }

    internal bool ReplacesIncomparable { get; private set; }

    /// <summary>What the model solves: the task, the label and the rest.</summary>
    /// <param name="problem">Describes the problem.</param>
    public ModelImport Problem(Action<ProblemBuilder> problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        _seal.Once();
        _hasProblem = true;
        problem(_problem);
        return this;
    }

    /// <summary>The labelled rows that the model is judged on, which it should not have been trained on, and what it must reach.</summary>
    /// <param name="source">The rows, with the columns that the model reads and the label.</param>
    /// <param name="gates">Names the metric, its target and the guards; left out: the metric of the task, without a target.</param>
    /// <param name="key">
    /// The column that identifies a row, such as the customer's number: a lifecycle of the model's name does not train on rows with these
    /// keys. Left out: all columns but the label, which identify no rows where many are alike.
    /// </param>
    public ModelImport Judge(IDataSource source, Action<MetricsBuilder>? gates = null, string? key = null)
    {
        if (key is not null) ArgumentException.ThrowIfNullOrWhiteSpace(key);
        ArgumentNullException.ThrowIfNull(source);
        _seal.Once();
        Source = source;
        Key = key;
        if (gates is null) return this;
        _hasGates = true;
        gates(_metrics);
        return this;
    }

    /// <summary>The column that says how much a row counts in the metrics. Default: all rows count the same.</summary>
    /// <param name="column">A column of the rows, with finite numbers above 0; the model does not read it.</param>
    public ModelImport Weight(string column)
    {
        _seal.Once();
        ArgumentException.ThrowIfNullOrWhiteSpace(column);
        WeightColumn = column;
        return this;
    }

    /// <summary>
    /// How many of the rows are kept with the model's answers, with which they are compared whenever the package is to be served. Default:
    /// 16.
    /// </summary>
    /// <param name="count">1 to 1,000.</param>
    public ModelImport GoldenRows(int count)
    {
        _seal.Once();
        if (count is < 1 or > 1000) throw new ArgumentOutOfRangeException(nameof(count), count, "There must be 1 to 1,000 golden rows.");
        Golden = count;
        return this;
    }

    /// <summary>The score from which a binary classifier decides positive. Default: 0.5.</summary>
    /// <param name="threshold">From 0 to 1.</param>
    public ModelImport Threshold(double threshold)
    {
        _seal.Once();
        if (!(threshold is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "The decision threshold must be from 0 to 1.");
        }
        DecisionThreshold = threshold;
        return this;
    }

    /// <summary>By how much a version that is live must be beaten on the same rows. Default: 0.</summary>
    /// <param name="margin">What the lower bound of the improvement must exceed; not negative.</param>
    public ModelImport MustBeatBy(double margin)
    {
        _seal.Once();
        if (!(margin >= 0)) throw new ArgumentOutOfRangeException(nameof(margin), margin, "The margin must not be negative.");
        Margin = margin;
        return this;
    }

    /// <summary>
    /// Lets the model take the place of a live version that cannot be compared with it, for example one of other classes. Default: the live
    /// version stays.
    /// </summary>
    public ModelImport ReplaceIncomparable()
    {
        _seal.Once();
        ReplacesIncomparable = true;
        return this;
    }

    /// <summary>What is to be known about the model.</summary>
    /// <param name="description">A text.</param>
    public ModelImport Description(string description)
    {
        _seal.Once();
        ArgumentException.ThrowIfNullOrWhiteSpace(description);
        About = description;
        return this;
    }

    /// <summary>Registers and judges the model, and leaves what is live as it is. Default: a model that passes goes live.</summary>
    public ModelImport RegisterOnly()
    {
        _seal.Once();
        Promotes = false;
        return this;
    }

    /// <summary>
    /// What identifies the declaration, without the content of the rows; <see langword="null"/> when a part of it, such as a metric of the
    /// application's own, does not show what it holds.
    /// </summary>
    internal string? Fingerprint(string model)
    {
        var (problem, metrics) = Build(model);
        var parts = new FingerprintBuilder()
            .Add("source", Source!.Name)
            .Add("key", Key ?? "")
            .Add("weight", WeightColumn ?? "")
            .Add("golden rows", Golden.ToString(CultureInfo.InvariantCulture))
            .Add("threshold", DecisionThreshold.ToString("R", CultureInfo.InvariantCulture))
            .Add("margin", Margin.ToString("R", CultureInfo.InvariantCulture))
            .Add("promotes", Promotes.ToString())
            .Add("replaces incomparable", ReplacesIncomparable.ToString());
        parts.AddObject("problem", problem);
        parts.AddObject("primary metric", metrics.Primary);
        foreach (var guard in metrics.Guards) parts.AddObject($"guard {guard.Metric.Name}", guard);
        foreach (var metric in metrics.Reported) parts.AddObject($"metric {metric.Name}", metric);
        return parts.Opaque is null ? parts.Compute() : null;
    }

    /// <summary>Checks what was said.</summary>
    /// <exception cref="MlOpsException">Something is missing or does not fit; all mistakes are listed.</exception>
    internal (ProblemDefinition Problem, MetricPlan Metrics) Build(string model)
    {
        if (_built is { } built) return built;
        var mistakes = new List<string>();
        _seal.Close(mistakes);
        if (!_hasProblem) mistakes.Add("It has no problem. Call Problem(…).");
        if (Source is null)
        {
            mistakes.Add("It has no rows to judge the model on. Call Judge(…): only a judged model is served.");
        }
        var problem = _hasProblem ? _problem.Build(new BuildContext { Mistakes = mistakes }) : null;
        var metrics = problem is null ? null
            : _hasGates ? _metrics.Build(new BuildContext { Task = problem.Task, Mistakes = mistakes })
            : MetricPlan.DefaultOf(problem.Task);
        if (mistakes.Count > 0)
        {
            throw new MlOpsException($"The import of '{model}' cannot begin. {string.Join(" ", mistakes)}", "Correct them all.");
        }
        _built = (problem!, metrics!(PluginServices.None));
        return _built.Value;
    }
}
