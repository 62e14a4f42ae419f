using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.MLNet;

/// <summary>Finds what an estimator predicts among the columns that it writes.</summary>
internal static class ScoreColumns
{
    /// <summary>How the prediction becomes outputs, before any calibration.</summary>
    /// <param name="schema">The columns that are written.</param>
    /// <param name="task">What is predicted.</param>
    /// <param name="classCount">The number of classes of the problem.</param>
    /// <exception cref="MlOpsException">There is no prediction for the task.</exception>
    public static PipelineOutput Find(DataViewSchema schema, TaskKind task, int classCount)
    {
        if (task == TaskKind.BinaryClassification && schema.GetColumnOrNull(TrainingColumns.Probability) is { } probability)
        {
            return probability.Type == NumberDataViewType.Single
                ? new PipelineOutput(OutputKind.Probability, [], [])
                : throw Unusable(probability, task);
        }

        if (schema.GetColumnOrNull(TrainingColumns.Score) is not { } score)
        {
            throw new MlOpsException(
                "The estimator writes no column 'Score', so it does not predict.",
                $"Return a trainer for {task}, or a chain that ends with one.");
        }

        if (task != TaskKind.MulticlassClassification)
        {
            return score.Type == NumberDataViewType.Single ? new PipelineOutput(OutputKind.Score, [], []) : throw Unusable(score, task);
        }

        return score.Type is VectorDataViewType { IsKnownSize: true } vector
            && vector.ItemType == NumberDataViewType.Single
            && vector.Size == classCount
            ? new PipelineOutput(OutputKind.ClassScores, ClassesOf(score, classCount), [])
            : throw Unusable(score, task);
    }

    // The key has the classes in the problem's order, and trainers keep it. One that does not says so in the names of its scores.
    private static int[] ClassesOf(DataViewSchema.Column score, int classCount)
    {
        int[] inOrder = [.. Enumerable.Range(0, classCount)];
        var isNamed = score.Annotations.Schema.GetColumnOrNull("SlotNames")?.Type is VectorDataViewType { ItemType: TextDataViewType };
        if (!isNamed) return inOrder;
        VBuffer<ReadOnlyMemory<char>> names = default;
        score.Annotations.GetValue("SlotNames", ref names);
        int[] classes =
        [
            .. names.DenseValues().Select(name =>
                int.TryParse(name.Span, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : -1),
        ];
        return classes.Order().SequenceEqual(inOrder) ? classes : throw new MlOpsException(
            $"The estimator names its scores {string.Join(", ", names.DenseValues().Take(10))}, which are not the classes of the label.",
            "Train on the unchanged label: settings.Label, which is already a key.");
    }

    private static MlOpsException Unusable(DataViewSchema.Column column, TaskKind task) => new(
        $"The estimator writes '{column.Name}' as {column.Type}, which is not a prediction for {task}.",
        $"Return a trainer for {task}.");
}
