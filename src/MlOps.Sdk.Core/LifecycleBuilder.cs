using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Features;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>
/// The front door: nine verbs, one per stage, in any order; steps inside a stage run in the order written. Single use, not thread-safe.
/// Stages can be left out where that makes sense; <see cref="Build"/> says what is missing.
/// </summary>
public sealed class LifecycleBuilder
{
    private readonly BuilderSeal _seal = new("LifecycleBuilder");
    private readonly HashSet<LifecycleStage> _named = [];
    private readonly HashSet<LifecycleStage> _unfinished = [];
    private readonly ProblemBuilder _problem = new();
    private readonly CollectionBuilder _collection = new();
    private readonly ProcessingBuilder _processing = new();
    private readonly MetricsBuilder _metrics = new();
    private readonly ExplorationBuilder _exploration = new();
    private readonly FeatureBuilder _features = new();
    private readonly TrainingBuilder _training = new();
    private readonly DeploymentBuilder _deployment = new();
    private readonly MonitoringBuilder _monitoring = new();
    private readonly Dictionary<LifecycleStage, TimeSpan> _budgets = [];
    private readonly string _name;
    private int _seed = 1;

    private LifecycleBuilder(string name) => _name = name;

    /// <summary>Begins a lifecycle.</summary>
    /// <param name="name">
    /// Its name, which is also the model's: up to 100 lower-case letters, digits, '-', '_' and '.', beginning with a letter or digit.
    /// </param>
    public static LifecycleBuilder Create(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (!ModelName.IsValid(name))
        {
            throw new ArgumentException(
                $"'{PrintableText.Shorten(name)}' is not a valid lifecycle name: use {ModelName.Rule}.", nameof(name));
        }
        return new LifecycleBuilder(name);
    }

    /// <summary>The seed of everything that is drawn. Default: 1. The same seed and data give the same model.</summary>
    /// <param name="seed">Any number.</param>
    public LifecycleBuilder Seed(int seed)
    {
        _seal.Once();
        _seed = seed;
        return this;
    }

    /// <summary>Stage 1: what is to be solved, for whom, at what risk.</summary>
    /// <param name="problem">Describes the problem.</param>
    public LifecycleBuilder DefineProblem(Action<ProblemBuilder> problem) => Configure(LifecycleStage.Problem, problem, _problem);

    /// <summary>Stage 2: where the data comes from.</summary>
    /// <param name="data">Names the sources.</param>
    public LifecycleBuilder CollectData(Action<CollectionBuilder> data) => Configure(LifecycleStage.Collection, data, _collection);

    /// <summary>Stage 3: how the rows are cleaned, checked and split. Left out: they are only split.</summary>
    /// <param name="data">Names the steps.</param>
    public LifecycleBuilder ProcessData(Action<ProcessingBuilder> data) => Configure(LifecycleStage.Processing, data, _processing);

    /// <summary>Stage 4: what "good" means. Left out: ROC AUC, macro F1 or RMSE without a target, by the task.</summary>
    /// <param name="metrics">Names the metrics and their bounds.</param>
    public LifecycleBuilder DefineMetrics(Action<MetricsBuilder> metrics) => Configure(LifecycleStage.Metrics, metrics, _metrics);

    /// <summary>Stage 5: what the training rows look like, and whether hypotheses about them hold.</summary>
    /// <param name="explore">Names the hypotheses.</param>
    public LifecycleBuilder ExploreData(Action<ExplorationBuilder> explore) => Configure(LifecycleStage.Exploration, explore, _exploration);

    /// <summary>Stage 6: how columns become features. Left out: <c>Auto()</c>.</summary>
    /// <param name="features">Names the transforms.</param>
    public LifecycleBuilder EngineerFeatures(Action<FeatureBuilder> features) => Configure(LifecycleStage.Features, features, _features);

    /// <summary>Stage 7: which algorithms are tried, and how the best fit is found.</summary>
    /// <param name="training">Names the trainers.</param>
    public LifecycleBuilder TrainModel(Action<TrainingBuilder> training) => Configure(LifecycleStage.Training, training, _training);

    /// <summary>Stage 8: where a model that passes the gates is served.</summary>
    /// <param name="deployment">Names the targets.</param>
    public LifecycleBuilder DeployModel(Action<DeploymentBuilder> deployment) =>
        Configure(LifecycleStage.Deployment, deployment, _deployment);

    /// <summary>Stage 9: what is watched while the model is live, and when it is retrained.</summary>
    /// <param name="monitoring">Names the monitors.</param>
    public LifecycleBuilder MonitorModel(Action<MonitoringBuilder> monitoring) =>
        Configure(LifecycleStage.Monitoring, monitoring, _monitoring);

    /// <summary>
    /// How long a stage may take in a run, with the check whether its result is reused. One that takes longer is cancelled, as
    /// <see cref="RunOptions.CancellationGrace"/> says, and the run fails; it can be resumed. A budget changes no result: it is not part of
    /// what decides whether a stage is reused. Default: as long as it takes.
    /// </summary>
    /// <param name="stage">The stage, one that the lifecycle has.</param>
    /// <param name="longest">How long, above 0 and at most 45 days.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such stage.</exception>
    public LifecycleBuilder Budget(LifecycleStage stage, TimeSpan longest)
    {
        _seal.CheckOpen();
        if (!Enum.IsDefined(stage)) throw new ArgumentOutOfRangeException(nameof(stage), stage, "There is no such stage.");
        if (longest <= TimeSpan.Zero || longest > RunOptions.Longest)
        {
            _seal.Add($"The budget of stage {stage} is {longest:c}.", "Give it more than 0 and at most 45 days.");
        }
        if (!_budgets.TryAdd(stage, longest)) _seal.Add($"The budget of stage {stage} is set twice.", "Keep one Budget(…).");
        return this;
    }

    /// <summary>Checks everything and makes the lifecycle.</summary>
    /// <exception cref="LifecycleConfigurationException">
    /// Something is missing or does not fit; all mistakes are listed, each with its remedy.
    /// </exception>
    /// <exception cref="InvalidOperationException">The builder was used before.</exception>
    public Lifecycle Build()
    {
        var mistakes = new List<string>();
        _seal.Close(mistakes);
        Require(LifecycleStage.Training, LifecycleStage.Problem, "DefineProblem", mistakes);
        Require(LifecycleStage.Training, LifecycleStage.Collection, "CollectData", mistakes);
        Require(LifecycleStage.Processing, LifecycleStage.Collection, "CollectData", mistakes);
        Require(LifecycleStage.Processing, LifecycleStage.Problem, "DefineProblem", mistakes);
        Require(LifecycleStage.Exploration, LifecycleStage.Collection, "CollectData", mistakes);
        Require(LifecycleStage.Exploration, LifecycleStage.Problem, "DefineProblem", mistakes);
        Require(LifecycleStage.Features, LifecycleStage.Training, "TrainModel", mistakes);
        Require(LifecycleStage.Metrics, LifecycleStage.Training, "TrainModel", mistakes);
        Require(LifecycleStage.Deployment, LifecycleStage.Training, "TrainModel", mistakes);
        if (_named.SetEquals([LifecycleStage.Problem]))
        {
            mistakes.Add("The lifecycle only defines a problem, so it has nothing to run. Add CollectData(…).");
        }
        if (_named.Count == 0) mistakes.Add("The lifecycle has no stage. Begin with DefineProblem and CollectData.");

        var problem = Has(LifecycleStage.Problem)
            ? _problem.Build(new BuildContext { Mistakes = mistakes, Unfinished = _unfinished })
            : null;
        var trains = Has(LifecycleStage.Training);
        var context = new BuildContext { Task = problem?.Task, Mistakes = mistakes, Unfinished = _unfinished };
        var training = trains ? _training.Build(context) : null;
        var plan = new LifecyclePlan
        {
            Name = _name,
            Seed = _seed,
            Budgets = _budgets,
            Problem = problem,
            Collection = Has(LifecycleStage.Collection) ? _collection.Build(context) : null,
            Processing = Has(LifecycleStage.Collection) && problem is not null ? _processing.Build(context) : null,
            Metrics = Has(LifecycleStage.Metrics) ? _metrics.Build(context)
                : trains && problem is not null ? MetricPlan.DefaultOf(problem.Task)
                : null,
            Exploration = Has(LifecycleStage.Exploration) ? _exploration.Build(context) : null,
            Features = trains ? FeaturesOf(training, mistakes) : null,
            Training = training,
            Deployment = Has(LifecycleStage.Deployment) ? _deployment.Build(context) with { Weight = training?.Weight } : null,
            Monitoring = Has(LifecycleStage.Monitoring) ? _monitoring.Build(context) : null,
        };
        if (plan.Monitoring is { Elsewhere: null } && plan.Deployment is null && !_named.SetEquals([LifecycleStage.Monitoring]))
        {
            mistakes.Add(
                "MonitorModel has no model to monitor. Add TrainModel and DeployModel, or call TrainedElsewhere(score: " +
                "…) for a model that is served elsewhere, or leave out all other stages for one whose releases this workspace receives.");
        }
        if (plan.Monitoring is { Elsewhere: not null } && (trains || plan.Problem is null || plan.Collection is null))
        {
            mistakes.Add(
                "TrainedElsewhere is for a lifecycle with DefineProblem and CollectData and without TrainModel. " +
                "Add what is missing, or remove TrainModel.");
        }
        if (plan.Monitoring is { Retraining.Count: > 0 } && plan.Deployment is null)
            mistakes.Add("RetrainOn needs a lifecycle that trains and deploys. Add TrainModel and DeployModel, or remove RetrainOn.");
        if (plan.Monitoring is { Schedules.Count: > 0 } && plan.Deployment is null)
            mistakes.Add("RetrainAt needs a lifecycle that trains and deploys. Add TrainModel and DeployModel, or remove RetrainAt.");
        if (plan is { Deployment.ReviewCall: { } call, Monitoring: null })
        {
            mistakes.Add(
                $"{call} decides on recorded predictions and raises alerts, and without MonitorModel nothing records predictions. " +
                $"Add MonitorModel, or remove {call}.");
        }
        if (plan is { Deployment.Inputs: { } inputs, Features: { } checkedFeatures })
        {
            plan = plan with { Features = checkedFeatures with { Checked = [.. inputs.Columns.Select(column => column.Column)] } };
            if (plan.Problem is { } predicted && plan.Features.Checked.Contains(predicted.Label))
            {
                mistakes.Add(
                    $"CheckInputs names the column '{predicted.Label}', which is the label, and no row that is predicted has it. " +
                    "Name a column that the model reads.");
            }
        }
        if (plan is { Monitoring: { Elsewhere: null } monitoring, Problem: not null, Features: not null })
        {
            plan = RecordAttributes(plan, monitoring.Attributes, mistakes);
        }
        foreach (var stage in _budgets.Keys.Except(plan.Stages))
        {
            mistakes.Add($"Budget names stage {stage}, which the lifecycle does not have. Add the stage, or remove the budget.");
        }
        if (mistakes.Count > 0) throw new LifecycleConfigurationException(_name, mistakes);
        return new Lifecycle(plan);
    }

    private FeaturePlan FeaturesOf(TrainingPlan? training, List<string> mistakes)
    {
        var isNeeded = training is not { NeedsNoFeatures: true };
        var features = Has(LifecycleStage.Features) || !isNeeded
            ? _features.Build(new BuildContext { NeedsFeatures = isNeeded, Mistakes = mistakes, Unfinished = _unfinished })
            : LifecyclePlan.DefaultFeatures();
        return features with { Weight = training?.Weight };
    }

    // What a monitor of groups lacks would otherwise be noticed when the version is live.
    private static LifecyclePlan RecordAttributes(LifecyclePlan plan, IReadOnlyList<string> attributes, List<string> mistakes)
    {
        var known = plan.Problem!.ProtectedAttributes.Union(plan.Features!.Observed).ToArray();
        foreach (var attribute in attributes.Except(known))
        {
            var near = NearestName.Find(attribute, known) is { } name ? $"Did you mean '{name}'? " : "";
            mistakes.Add(
                $"A monitor compares groups of '{attribute}', which is neither protected nor observed. " +
                $"{near}Call Protect(\"{attribute}\") in DefineProblem, or Observe(\"{attribute}\") in EngineerFeatures.");
        }

        return plan with { Features = plan.Features with { Recorded = [.. attributes.Except(plan.Features.Observed)] } };
    }

    private bool Has(LifecycleStage stage) => _named.Contains(stage);

    private void Require(LifecycleStage stage, LifecycleStage needed, string verb, List<string> mistakes)
    {
        if (Has(stage) && !Has(needed)) mistakes.Add($"Stage {stage} needs stage {needed}. Add {verb}(…).");
    }

    private LifecycleBuilder Configure<TBuilder>(LifecycleStage stage, Action<TBuilder> configure, TBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(configure);
        _seal.CheckOpen();
        if (!_named.Add(stage)) _seal.Add($"Stage {stage} is defined twice.", "Merge the two definitions.");
        if (!_seal.Collect(() => configure(builder))) _unfinished.Add(stage);
        return this;
    }
}
