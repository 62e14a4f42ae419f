using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Rollout;

/// <summary>
/// Collects what both versions of a rollout did, from what all processes stored. Recorded predictions are read once; an instance is for one
/// rollout. One caller at a time.
/// </summary>
internal sealed class RolloutEvidence
{
    // By how much the clocks of processes may differ.
    private static readonly TimeSpan s_clocks = TimeSpan.FromHours(1);

    // How many times the mean absolute error an error counts where nobody says otherwise.
    private const double LargestTimes = 10;

    private readonly EvidenceSources _sources;
    private readonly RolloutNeeds _needs;
    private readonly (int Version, Schema Input, LabelEncoding Labels)[] _arms;
    private readonly double[] _edges;
    private readonly double _largestError;
    private readonly List<ArmRecords[]> _records = [];
    private long _read;

    /// <param name="sources">Where evidence is stored.</param>
    /// <param name="needs">What the strategy looks at.</param>
    /// <param name="first">The first decision on the rollout.</param>
    /// <param name="live">The package of the live version.</param>
    /// <param name="candidate">The package of the candidate.</param>
    /// <exception cref="MlOpsException">The strategy looks at what is not recorded.</exception>
    public RolloutEvidence(EvidenceSources sources, RolloutNeeds needs, RolloutRow first, ModelPackage live, ModelPackage candidate)
    {
        (_sources, _needs, _read) = (sources, needs, first.Position);
        _arms =
        [
            (first.Live, live.Graph.Input, live.Decision.Labels), (first.Version, candidate.Graph.Input, candidate.Decision.Labels),
        ];

        // Both are the same in every process and at every check: the first is part of what a package is, and the second is kept, since a
        // package that is made again may tell another error.
        _edges = EdgesOf(live);
        _largestError = needs.LargestError ?? first.LargestError ?? LargestErrorOf(live, candidate);
        Require(needs, candidate);
        _ = NewRecords();
    }

    /// <summary>The labels of the candidate.</summary>
    public LabelEncoding Labels => _arms[1].Labels;

    /// <summary>The edges of the bins that scores of a regression are counted in.</summary>
    public IReadOnlyList<double> Edges => _edges;

    /// <summary>Makes sure that all is recorded that a strategy looks at.</summary>
    public static void Require(RolloutNeeds needs, ModelPackage candidate)
    {
        if (needs.Labels && candidate.Graph.ChangesLabel)
        {
            throw new MlOpsException(
                "A step of ProcessData computes the label, so a rollout cannot compare predictions with the labels that are reported.",
                "Remove the guards that need labels, or collect the label as it is predicted.") { Column = candidate.Problem.Label };
        }
        _ = new ArmRecords(candidate.Graph.Input, candidate.Decision.Labels, needs.Attributes, edges: []);
    }

    /// <summary>What larger absolute errors count as where no guard says otherwise; infinity where the packages tell none.</summary>
    public static double LargestErrorOf(ModelPackage live, ModelPackage candidate)
    {
        var error = Math.Max(live.Facts.MeanAbsoluteError ?? 0, candidate.Facts.MeanAbsoluteError ?? 0);
        return error > 0 ? LargestTimes * error : double.PositiveInfinity;
    }

    /// <summary>The steps until now.</summary>
    /// <param name="decisions">The decisions that gave the candidate a share, the oldest first.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<RolloutStep>> ReadAsync(IReadOnlyList<RolloutRow> decisions, CancellationToken cancellationToken)
    {
        while (_records.Count < decisions.Count) _records.Add(NewRecords());
        await ReadRecordsAsync(decisions, cancellationToken).ConfigureAwait(false);
        var steps = new List<RolloutStep>();
        for (var i = 0; i < decisions.Count; i++)
        {
            var next = i + 1 < decisions.Count ? decisions[i + 1] : null;
            var generations = (decisions[i].Generation, next?.Generation ?? long.MaxValue);
            var calls = await _sources.Calls.ReadAsync(
                decisions[i].Model, Ticks.ToTime(decisions[i].At) - s_clocks, generations, cancellationToken).ConfigureAwait(false);
            var evidence = new ArmEvidence[_arms.Length];
            for (var arm = 0; arm < _arms.Length; arm++)
            {
                var version = _arms[arm].Version;
                evidence[arm] = await AddLabelsAsync(
                    _records[i][arm].AddTo(
                        new ArmEvidence(calls.GetValueOrDefault(version) ?? new CallCounts()) { Version = version }),
                    decisions[i].Model,
                    decisions[i].Position,
                    generations,
                    _arms[arm].Labels,
                    cancellationToken).ConfigureAwait(false);
            }

            steps.Add(new RolloutStep
            {
                Share = decisions[i].Share,
                StartedAt = Ticks.ToTime(decisions[i].At),
                Live = evidence[0],
                Candidate = evidence[1],
            });
        }

        return steps;
    }

    private static double[] EdgesOf(ModelPackage live) =>
        live.Decision.Labels.Task == TaskKind.Regression
        && live.Baseline.Predictions.FirstOrDefault(column => column.Name == PackageBaseline.ScoreColumn) is { } scores
            ? scores.Bins.Edges.ToArray()
            : [];

    private ArmRecords[] NewRecords() =>
        Array.ConvertAll(_arms, arm => new ArmRecords(arm.Input, arm.Labels, _needs.Attributes, _edges));

    private async Task ReadRecordsAsync(IReadOnlyList<RolloutRow> decisions, CancellationToken cancellationToken)
    {
        await foreach (var stored in _sources.Predictions.ReadPredictionsAsync(
            decisions[0].Model, after: _read, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            _read = stored.Position;
            var step = decisions.Count - 1;
            while (step >= 0 && stored.Prediction.Generation < decisions[step].Generation) step--;
            if (step < 0) continue;
            var arm = Array.FindIndex(_arms, candidate => candidate.Version == stored.Prediction.Version);
            if (arm >= 0) _records[step][arm].Add(stored.Prediction);
        }
    }

    private async Task<ArmEvidence> AddLabelsAsync(
        ArmEvidence evidence, string model, long after, (long, long) generations, LabelEncoding labels, CancellationToken cancellationToken)
    {
        if (!_needs.Labels) return evidence;
        if (labels.Task == TaskKind.Regression)
        {
            var (rows, sum, squares) = await _sources.Outcomes.SumErrorsAsync(
                model, evidence.Version, after, generations, _largestError, cancellationToken).ConfigureAwait(false);
            var mean = rows == 0 ? double.NaN : sum / rows;
            return evidence with
            {
                Errors = rows,
                LargestError = _largestError,
                MeanAbsoluteError = mean,
                AbsoluteErrorVariance = rows < 2 ? double.NaN : Math.Max(0, squares - (rows * mean * mean)) / (rows - 1),
            };
        }

        var counts = new long[labels.Classes.Count][];
        for (var i = 0; i < counts.Length; i++) counts[i] = new long[labels.Classes.Count];
        foreach (var count in await _sources.Outcomes.CountLabelsAsync(
            model, evidence.Version, after, generations, cancellationToken).ConfigureAwait(false))
        {
            // Labels that are no class of this version tell nothing of it.
            var label = IndexOf(labels.Classes, count.Label);
            if (count.Decision is { } decision && decision >= 0 && decision < counts.Length && label >= 0)
            {
                counts[decision][label] += count.Rows;
            }
        }

        return evidence with { Labelled = counts };
    }

    private static int IndexOf(IReadOnlyList<string> classes, string label)
    {
        for (var i = 0; i < classes.Count; i++)
        {
            if (classes[i] == label) return i;
        }

        return -1;
    }
}
