using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;
using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Benchmarks.MLNet;

/// <summary>
/// What the adapter adds to a fit: its trainer, from the features of a fold to a verified model of the core, beside the same fit by hand.
/// </summary>
internal static class TrainingJob
{
    private const int Trees = 100;

    public static async Task RunAsync()
    {
        var table = await ChurnVectors.ReadAsync(isContractAFeature: true);
        bool[] churned = [.. table.View.GetColumn<bool>("churn")];
        // FastTree of Microsoft.ML leaves out rows with missing values, and the adapter refuses them.
        foreach (var row in table.Rows) row.AsSpan().Replace(float.NaN, 0);
        foreach (var times in new[] { 1, 8 })
        {
            float[][] rows = [.. Enumerable.Repeat(table.Rows, times).SelectMany(all => all)];
            double[] labels = [.. Enumerable.Repeat(churned, times).SelectMany(all => all).Select(churn => churn ? 1.0 : 0)];
            var byColumn = new float[rows.Length * table.Width];
            for (var row = 0; row < rows.Length; row++)
            {
                for (var slot = 0; slot < table.Width; slot++) byColumn[slot * rows.Length + row] = rows[row][slot];
            }

            var features = new FeatureMatrix(
                [.. Enumerable.Range(0, table.Width).Select(i => new FeatureSlot($"f{i}", $"f{i}"))], rows.Length, byColumn);
            var definition = SchemaDefinition.Create(typeof(LabelledRow));
            definition[nameof(LabelledRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, table.Width);
            LabelledRow[] objects = [.. rows.Zip(labels, (row, label) => new LabelledRow { Features = row, Label = label == 1 })];
            SideBySide.Run(
                $"FastTree, {Trees} trees, {rows.Length:N0} rows x {table.Width} features",
                ("adapter", () => Adapter(features, labels)),
                ("Fit by hand", () => ByHand(objects, definition)),
                rows.Length,
                "rows",
                pairs: 21,
                warmUps: 3);
        }
    }

    private static void Adapter(FeatureMatrix features, double[] labels)
    {
        using var model = MicrosoftML.FastTree(options => options.Trees = Trees).TrainAsync(new TrainingContext
        {
            Task = TaskKind.BinaryClassification,
            Features = features,
            Labels = labels,
            ClassCount = 2,
            Seed = 1,
        }).AsTask().GetAwaiter().GetResult();
    }

    private static void ByHand(LabelledRow[] rows, SchemaDefinition definition)
    {
        var ml = new MLContext(1);
        ml.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options { NumberOfTrees = Trees, NumberOfThreads = 1 })
            .Fit(ml.Data.LoadFromEnumerable(rows, definition));
    }

    private sealed class LabelledRow
    {
        public float[] Features { get; set; } = [];

        public bool Label { get; set; }
    }
}
