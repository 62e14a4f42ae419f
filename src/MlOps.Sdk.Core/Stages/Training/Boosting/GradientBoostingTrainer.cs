using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Training;

/// <summary>
/// Gradient boosted trees (Friedman 2001) grown leaf by leaf on histograms of at most 255 bins, with second-order gains and leaf values
/// (Chen and Guestrin 2016). The same seed and rows give the same model to the last bit, for any number of threads.
/// </summary>
internal sealed class GradientBoostingTrainer : ITrainer
{
    private readonly GradientBoostingOptions _options;

    public GradientBoostingTrainer(GradientBoostingOptions options)
    {
        _options = options;
        Hyperparameters = Hyperparameter.ListOf(options);
    }

    public string Name => "gradient-boosting";

    public string Version => "1";

    public TrainerCapabilities Capabilities { get; } = new(
        [TaskKind.BinaryClassification, TaskKind.MulticlassClassification, TaskKind.Regression],
        HandlesMissing: true)
    {
        ValidationRows = true,
        Sparse = true,
    };

    public IReadOnlyList<Hyperparameter> Hyperparameters { get; }

    public async ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
    {
        TrainingInput.Check(this, context);
        if (context.Task != TaskKind.Regression) TrainingInput.RequireTwoClasses(this, TrainingInput.ClassWeights(context));
        return await Task.Run(() => Train(context, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private GradientBoostingModel Train(TrainingContext context, CancellationToken cancellationToken)
    {
        var settings = context.Options(_options);
        var bins = BinnedMatrix.Create(context.Features, settings, context.Seed, context.Threads, cancellationToken);
        var loss = new BoostingLoss(context, cancellationToken);
        var packed = new PackedGradients(loss.RowCount);
        var grower = new TreeGrower(bins, settings, loss.HasEqualHessians, context.Threads, cancellationToken);
        var scores = new double[loss.RowCount * loss.Outputs];
        for (var k = 0; k < loss.Outputs; k++) scores.AsSpan(k * loss.RowCount, loss.RowCount).Fill(loss.BaseScores[k]);
        var trees = new List<GrownTree>();
        var stop = context.Validation is { } rows
            ? new EarlyStop(rows, context.Task, bins, loss.BaseScores, settings.Patience)
            : null;
        for (var round = 0; round < settings.Trees; round++)
        {
            loss.Compute(scores);
            var isGrown = false;
            for (var k = 0; k < loss.Outputs; k++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                packed.Pack(loss.Gradients, loss.Hessians, k * loss.RowCount, context.Threads, cancellationToken);
                // The classes of a round see the same rows; features are drawn per tree.
                if (settings.RowFraction < 1)
                {
                    grower.Rows.TakeSome(settings.RowFraction, SeededRandom.For(context.Seed, round, second: 2).NextBits());
                }
                else
                {
                    grower.Rows.TakeAll();
                }
                grower.TakeFeatures(settings.FeatureFraction, SeededRandom.For(context.Seed, trees.Count, second: 3));
                var tree = grower.Grow(packed);
                LeafValues.Set(tree, grower.Rows, loss, k, settings, scores, context.Threads);
                if (settings.RowFraction < 1)
                {
                    LeafValues.AddOthers(tree, bins, grower.Rows, scores.AsSpan(k * loss.RowCount, loss.RowCount));
                }
                isGrown |= tree.Leaves.Count > 1;
                trees.Add(tree);
            }

            context.Progress?.Report((round + 1.0) / settings.Trees);
            // Without draws the next round would find no split either.
            if (!isGrown && settings is { RowFraction: >= 1, FeatureFraction: >= 1 }) break;
            if (stop?.IsReached(trees.GetRange(trees.Count - loss.Outputs, loss.Outputs)) == true) break;
        }

        if (stop is not null) trees.RemoveRange(stop.BestRound * loss.Outputs, trees.Count - stop.BestRound * loss.Outputs);

        return new GradientBoostingModel(
            new ModelSignature(context.Task, bins.VectorWidth, loss.Outputs),
            GrownTree.Flatten(trees, bins, loss.BaseScores));
    }
}
