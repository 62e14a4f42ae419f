using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Exploration;

/// <summary>Stage 5: hypotheses about the training rows, which are profiled in any case. Not thread-safe.</summary>
public sealed class ExplorationBuilder
{
    private readonly BuilderSeal _seal = new("ExploreData");
    private readonly List<Func<IServiceProvider, IHypothesis>> _hypotheses = [];
    private double _alpha = 0.05;
    private Correction _correction = Correction.BenjaminiHochberg;
    private string? _predictedAt;

    internal ExplorationBuilder()
    {
    }

    /// <summary>Tests a hypothesis.</summary>
    /// <param name="hypothesis">The hypothesis.</param>
    public ExplorationBuilder Test(IHypothesis hypothesis)
    {
        _seal.CheckOpen();
        ArgumentNullException.ThrowIfNull(hypothesis);
        _hypotheses.Add(_ => hypothesis);
        return this;
    }

    /// <summary>Tests a hypothesis from the service container.</summary>
    /// <typeparam name="THypothesis">The type to resolve for each run.</typeparam>
    public ExplorationBuilder Test<THypothesis>()
        where THypothesis : class, IHypothesis
    {
        _seal.CheckOpen();
        _hypotheses.Add(PluginServices.Require<THypothesis>);
        return this;
    }

    /// <summary>
    /// From which corrected p-value a hypothesis is supported. Default: 0.05 after Benjamini–Hochberg over all hypotheses.
    /// </summary>
    /// <param name="level">Between 0 and 1.</param>
    /// <param name="correction">How p-values are corrected for the number of hypotheses.</param>
    public ExplorationBuilder SignificanceLevel(double level, Correction correction = Correction.BenjaminiHochberg)
    {
        _seal.Once();
        if (!(level > 0 && level < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(level), level, "A significance level is between 0 and 1.");
        }
        _alpha = level;
        _correction = correction;
        return this;
    }

    /// <summary>
    /// The moment at which a prediction would be made, row by row. Every other column of points in time with values after it is reported as
    /// <see cref="LeakageReason.LaterThanPrediction"/>: it tells of what nobody knows yet. Without it, no column is compared with a time.
    /// Rows without a value in either column are left out; a day without a time of day counts as its beginning.
    /// </summary>
    /// <param name="column">A Timestamp column that the training rows have; the run fails when they do not.</param>
    public ExplorationBuilder PredictedAt(string column)
    {
        _seal.Once();
        ArgumentException.ThrowIfNullOrWhiteSpace(column);
        _predictedAt = column;
        return this;
    }

    internal ExplorationPlan Build(BuildContext context)
    {
        _seal.Close(context.Mistakes);
        return new ExplorationPlan([.. _hypotheses], _alpha, _correction, _predictedAt);
    }
}
