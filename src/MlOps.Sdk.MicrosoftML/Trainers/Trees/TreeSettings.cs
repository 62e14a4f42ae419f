using Microsoft.ML.Trainers.FastTree;

namespace MlOps.Sdk.MLNet;

/// <summary>What is set alike for every trainer of trees of the FastTree package.</summary>
internal static class TreeSettings
{
    public static void Set(TreeOptions options, Fitting fitting)
    {
        options.FeatureColumnName = TrainingColumns.Features;
        options.LabelColumnName = TrainingColumns.Label;
        options.ExampleWeightColumnName = fitting.WeightColumn;
        options.NumberOfThreads = fitting.Threads;
        options.Seed = fitting.Seed;
        options.FeatureSelectionSeed = fitting.Seed;
        // Only for the log, and collects garbage twice.
        options.MemoryStatistics = false;
    }
}
