// begin-snippet: custom-trainer
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace Acme;

/// <summary>
/// One question for every row: is a feature above its mean? The feature that separates the classes best is asked. Thread-safe.
/// </summary>
public sealed class StumpTrainer : ITrainer
{
    private static readonly NumberHyperparameter Smoothing = new("smoothing", @default: 1, minimum: 0.1, maximum: 100);

    public string Name => "stump";

    public string Version => "1";

    public TrainerCapabilities Capabilities { get; } = new([TaskKind.BinaryClassification], HandlesMissing: true) { Weights = false };

    public IReadOnlyList<Hyperparameter> Hyperparameters { get; } = [Smoothing];

    public ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
    {
        context.Check(this); // rejects what the built-in trainers reject
        var labels = context.Labels.Span;
        var smoothing = context.Setting(Smoothing).AsNumber();
        var best = new StumpModel(context.Features.Width, 0, 0, 0.5, 0.5);
        for (var slot = 0; slot < context.Features.Width; slot++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var values = context.Features.Column(slot);
            double sum = 0;
            foreach (var value in values) sum += float.IsNaN(value) ? 0 : value;
            var cut = (float)(sum / values.Length);
            double above = 0, aboveYes = 0, below = 0, belowYes = 0;
            for (var row = 0; row < labels.Length; row++)
            {
                if (values[row] > cut) (above, aboveYes) = (above + 1, aboveYes + labels[row]);
                else (below, belowYes) = (below + 1, belowYes + labels[row]);
            }

            var candidate = new StumpModel(
                context.Features.Width,
                slot,
                cut,
                (belowYes + smoothing) / (below + 2 * smoothing),
                (aboveYes + smoothing) / (above + 2 * smoothing));
            if (candidate.Separation > best.Separation) best = candidate;
        }

        return ValueTask.FromResult<IModel>(best);
    }
}
// end-snippet
