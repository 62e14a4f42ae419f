using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Training;

/// <summary>Turns a trial's out-of-fold scores into a threshold, metrics and a stand to the guards.</summary>
internal sealed class TrialScoring(SearchRequest request)
{
    public TrialResult Score(Trial trial)
    {
        var result = new TrialResult
        {
            Candidate = trial.Candidate.Name,
            Trainer = trial.Candidate.Trainer.Name,
            Version = trial.Candidate.Trainer.Version,
            Trial = trial.Number,
            Parameters = trial.Parameters,
            Elapsed = trial.Elapsed,
            Error = trial.Error,
            IsOverBudget = trial.IsOverBudget,
        };
        if (result.Error is not null || trial.Scores is null) return result;
        try
        {
            return Measure(result, trial.Scores);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return result with { Error = Secrets.Blank(e.Message) };
        }
    }

    private TrialResult Measure(TrialResult result, double[] scores)
    {
        int[] predicted = [.. request.Folds.SelectMany(fold => fold.ValidationRows).Order()];
        var threshold = request.Task == TaskKind.BinaryClassification
            ? DecisionThreshold.Choose(
                Array.ConvertAll(predicted, row => request.All.Labels.Span[row]),
                Array.ConvertAll(predicted, row => scores[row]),
                request.Costs,
                request.All.Weights.IsEmpty ? default : Array.ConvertAll(predicted, row => request.All.Weights.Span[row]))
            : TrialResult.EvenThreshold;
        var all = new Evaluation
        {
            Task = request.Task,
            Labels = request.All.Labels,
            Weights = request.All.Weights,
            Scores = scores,
            ClassCount = request.ClassCount,
            Threshold = threshold,
            Groups = request.Groups,
        };
        var pooled = predicted.Length == all.RowCount ? all : all.Take(predicted);
        var metrics = new SortedDictionary<string, MetricValue>(StringComparer.Ordinal);
        var foldMetrics = new SortedDictionary<string, IReadOnlyList<MetricValue>>(StringComparer.Ordinal);
        var folds = request.Folds.Select(fold => all.Take(fold.ValidationRows)).ToArray();
        foreach (var metric in request.Guards.Select(guard => guard.Metric).Prepend(request.Primary))
        {
            if (!metrics.TryAdd(metric.Name, default)) continue;
            using var call = PluginCalls.Enter("metric", metric.Name);
            metrics[metric.Name] = metric.Compute(pooled);
            foldMetrics[metric.Name] = Array.ConvertAll(folds, metric.Compute);
        }

        return result with
        {
            Threshold = threshold,
            Metrics = metrics,
            FoldMetrics = foldMetrics,
            Guards = [.. request.Guards.Select(guard => Judge(guard, metrics[guard.Metric.Name], result.Candidate))],
        };
    }

    private GuardResult Judge(MetricRequirement guard, MetricValue value, string candidate)
    {
        var name = guard.Metric.Name;
        if (!value.IsDefined && value.Undefined is null)
        {
            return new GuardResult(name, false, double.NaN, $"{name} is NaN and gives no reason.");
        }

        if (!value.IsDefined)
        {
            var why = value.Undefined!;
            TrainingLog.GuardNotApplicable(request.Logger, name, candidate, why);
            return new GuardResult(name, null, double.NaN, $"{name} is undefined, so the guard does not apply: {why}");
        }

        if (guard.IsKeptBy(value.Value))
        {
            return new GuardResult(
                name, true, value.Value, FormattableString.Invariant($"{name} is {value.Value:0.######}, within {guard.Bounds}."));
        }
        var (limit, side) = value.Value < guard.AtLeast ? (guard.AtLeast.Value, "below") : (guard.AtMost!.Value, "above");
        return new GuardResult(name, false, value.Value, FormattableString.Invariant(
            $"{name} is {value.Value:0.######}, {Math.Abs(value.Value - limit):0.######} {side} the limit {limit:0.######}."));
    }
}
