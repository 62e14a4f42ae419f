using System.Globalization;
using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.MLNet;

/// <summary>Finds a pipeline's prediction among the columns that it writes.</summary>
internal static class OutputColumns
{
    /// <summary>How the prediction becomes outputs, before any calibration.</summary>
    /// <param name="schema">The columns that the pipeline writes.</param>
    /// <param name="encoding">The problem's label.</param>
    /// <param name="texts">The texts of the classes' values in the form in which the pipeline was given the label.</param>
    /// <param name="isReversed">Whether the pipeline was given the problem's negative class as true.</param>
    /// <exception cref="MlOpsException">There is no prediction for the task.</exception>
    public static PipelineOutput Find(
        DataViewSchema schema, LabelEncoding encoding, IReadOnlyList<string> texts, bool isReversed = false)
    {
        if (encoding.Task == TaskKind.BinaryClassification && schema.GetColumnOrNull("Probability") is { } probability)
        {
            return probability.Type == NumberDataViewType.Single
                ? new PipelineOutput(OutputKind.Probability, [], []) { IsReversed = isReversed }
                : throw Unusable(probability, encoding.Task);
        }

        if (schema.GetColumnOrNull("Score") is not { } score)
        {
            throw new MlOpsException(
                $"The pipeline writes no column 'Score', so it does not predict. It writes: {Listed(schema)}.",
                $"Append a trainer for {encoding.Task}, with labelColumnName: settings.Label.");
        }

        if (encoding.Task != TaskKind.MulticlassClassification && score.Type == NumberDataViewType.Single)
        {
            return new PipelineOutput(OutputKind.Score, [], []) { IsReversed = isReversed };
        }
        if (encoding.Task == TaskKind.Regression || score.Type is not VectorDataViewType { IsKnownSize: true } vector
            || vector.ItemType != NumberDataViewType.Single)
        {
            throw Unusable(score, encoding.Task);
        }

        return new PipelineOutput(OutputKind.ClassScores, ClassesOf(score, encoding, texts), []);
    }

    /// <summary>The column of a prediction.</summary>
    /// <exception cref="MlOpsException">The pipeline does not write it as it did when it was trained.</exception>
    public static DataViewSchema.Column Require(DataViewSchema schema, PipelineOutput output)
    {
        var isVector = output.Kind == OutputKind.ClassScores;
        return schema.GetColumnOrNull(output.Column) is { } column
            && (isVector
                ? column.Type is VectorDataViewType vector && vector.ItemType == NumberDataViewType.Single
                    && vector.Size == output.Classes.Count
                : column.Type == NumberDataViewType.Single)
            ? column
            : throw new MlOpsException(
                $"The pipeline does not write '{output.Column}' as in the training.",
                "Load the model from a backup or another copy of the package, or train it again.");
    }

    // ML.NET puts classes in the order of their first occurrence, which differs from fold to fold.
    private static int[] ClassesOf(DataViewSchema.Column score, LabelEncoding encoding, IReadOnlyList<string> texts)
    {
        var (slots, areTexts) = ValuesOf(score);
        if (slots is null || slots.Length != ((VectorDataViewType)score.Type).Size)
        {
            throw new MlOpsException(
                "The pipeline returns a score for each class, but not the names of the classes.",
                "Create the trainer's label with ml.Transforms.Conversion.MapValueToKey(settings.Label).");
        }

        var classes = Array.ConvertAll(slots, slot => ClassNames.IndexOf(slot, areTexts, texts));
        var unknown = Array.IndexOf(classes, -1);
        if (unknown >= 0)
        {
            throw new MlOpsException(
                $"The pipeline scores the class '{Printable.Text(slots[unknown])}', which the label '{encoding.Label}' does not have.",
                $"Train on the unchanged label; its classes are {string.Join(", ", encoding.Classes)}.") { Column = encoding.Label };
        }
        if (encoding.Task == TaskKind.BinaryClassification && classes.Length != 2)
        {
            throw new MlOpsException(
                $"The pipeline gives {classes.Length} scores for the two classes of the label '{encoding.Label}'.",
                "Train on the unchanged label.") { Column = encoding.Label };
        }
        return classes.Distinct().Count() == classes.Length
            ? classes
            : throw new MlOpsException(
                $"The pipeline scores a class of the label '{encoding.Label}' twice.",
                "Train on the unchanged label.") { Column = encoding.Label };
    }

    private static (string[]? Values, bool AreTexts) ValuesOf(DataViewSchema.Column score)
    {
        foreach (var kind in new[] { "SlotNames", "TrainingLabelValues" })
        {
            if (score.Annotations.Schema.GetColumnOrNull(kind)?.Type is not VectorDataViewType type) continue;

            // Keys of keys would be positions, and no values.
            if (type.ItemType is KeyDataViewType) continue;
            var raw = type.ItemType.RawType;
            if (raw == typeof(ReadOnlyMemory<char>)) return (Values<ReadOnlyMemory<char>>(score, kind, value => value.ToString()), true);
            var values = raw == typeof(bool) ? Values<bool>(score, kind, value => value.ToString())
                : raw == typeof(float) ? Numbers<float>(score, kind)
                : raw == typeof(double) ? Numbers<double>(score, kind)
                : raw == typeof(sbyte) ? Numbers<sbyte>(score, kind)
                : raw == typeof(short) ? Numbers<short>(score, kind)
                : raw == typeof(int) ? Numbers<int>(score, kind)
                : raw == typeof(long) ? Numbers<long>(score, kind)
                : raw == typeof(byte) ? Numbers<byte>(score, kind)
                : raw == typeof(ushort) ? Numbers<ushort>(score, kind)
                : raw == typeof(uint) ? Numbers<uint>(score, kind)
                : raw == typeof(ulong) ? Numbers<ulong>(score, kind)
                : null;
            if (values is not null) return (values, false);
        }

        return (null, false);
    }

    private static string[] Numbers<T>(DataViewSchema.Column score, string kind)
        where T : INumber<T> => Values<T>(score, kind, value => value.ToString(null, CultureInfo.InvariantCulture));

    private static string[] Values<T>(DataViewSchema.Column score, string kind, Func<T, string> text)
    {
        VBuffer<T> values = default;
        score.Annotations.GetValue(kind, ref values);
        return [.. values.DenseValues().Select(text)];
    }

    private static MlOpsException Unusable(DataViewSchema.Column column, TaskKind task) => new(
        $"The pipeline writes '{column.Name}' as {column.Type}, which is not a prediction for {task}.",
        $"Use a trainer for {task}.");

    private static string Listed(DataViewSchema schema) => string.Join(
        ", ", schema.Where(column => !column.IsHidden).Take(40).Select(column => $"{Printable.Text(column.Name)} ({column.Type})"));
}
