using Microsoft.Extensions.Logging;
using MlOps.Sdk.Features;

namespace MlOps.Sdk.Training;

/// <summary>Warns of features whose scales are too unlike for a trainer that needs like ones.</summary>
internal static class FeatureScales
{
    private const double MostUnlike = 1000;

    public static void Warn(IReadOnlyList<SearchCandidate> candidates, FeatureMatrix features, ILogger logger)
    {
        string[] trainers = [.. candidates.Where(c => c.Trainer.Capabilities.NeedsScaling).Select(c => c.Name)];
        if (trainers.Length == 0) return;
        (FeatureSlot Slot, double Scale)? smallest = null, largest = null;
        for (var slot = 0; slot < features.DenseWidth; slot++)
        {
            if (features.Slots[slot].Kind != SlotKind.Numeric) continue;
            var scale = 0.0;
            foreach (var value in features.Column(slot)) if (float.IsFinite(value)) scale = Math.Max(scale, Math.Abs(value));
            if (scale == 0) continue;
            if (smallest is null || scale < smallest.Value.Scale) smallest = (features.Slots[slot], scale);
            if (largest is null || scale > largest.Value.Scale) largest = (features.Slots[slot], scale);
        }

        if (smallest is { } low && largest is { } high && high.Scale > low.Scale * MostUnlike)
        {
            TrainingLog.UnlikeScales(logger, string.Join(", ", trainers), high.Slot.Name, high.Scale, low.Slot.Name, low.Scale);
        }
    }
}
