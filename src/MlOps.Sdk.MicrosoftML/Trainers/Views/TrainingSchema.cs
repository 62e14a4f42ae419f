using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.MLNet;

/// <summary>The schema of rows with features, and of labels and weights where there are any.</summary>
internal static class TrainingSchema
{
    /// <summary>Builds the schema: features first, then the label, then the weight.</summary>
    /// <param name="slots">What the features are.</param>
    /// <param name="task">What is predicted.</param>
    /// <param name="classCount">The number of classes, whatever rows there are: it fixes their order.</param>
    /// <param name="isWeighted">Whether rows have weights.</param>
    public static DataViewSchema Create(IReadOnlyList<FeatureSlot> slots, TaskKind task, int classCount, bool isWeighted)
    {
        var schema = new DataViewSchema.Builder();
        AddFeatures(schema, slots);
        if (task == TaskKind.MulticlassClassification)
        {
            schema.AddColumn(TrainingColumns.Label, new KeyDataViewType(typeof(uint), classCount), ClassNames(classCount));
        }
        else
        {
            DataViewType type = task == TaskKind.BinaryClassification ? BooleanDataViewType.Instance : NumberDataViewType.Single;
            schema.AddColumn(TrainingColumns.Label, type);
        }

        if (isWeighted) schema.AddColumn(TrainingColumns.Weight, NumberDataViewType.Single);
        return schema.ToSchema();
    }

    /// <summary>Builds the schema of features alone, as a model reads them.</summary>
    /// <param name="width">The length of the feature vector.</param>
    public static DataViewSchema Create(int width)
    {
        var schema = new DataViewSchema.Builder();
        schema.AddColumn(TrainingColumns.Features, new VectorDataViewType(NumberDataViewType.Single, width));
        return schema.ToSchema();
    }

    private static void AddFeatures(DataViewSchema.Builder schema, IReadOnlyList<FeatureSlot> slots) => schema.AddColumn(
        TrainingColumns.Features, new VectorDataViewType(NumberDataViewType.Single, slots.Count), Annotations(slots));

    private static DataViewSchema.Annotations Annotations(IReadOnlyList<FeatureSlot> slots)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        ReadOnlyMemory<char>[] names = [.. slots.Select(slot => slot.Name.AsMemory())];
        annotations.Add<VBuffer<ReadOnlyMemory<char>>>(
            "SlotNames", new VectorDataViewType(TextDataViewType.Instance, names.Length), (ref value) => Copy(names, ref value));
        var ranges = CategoricalRanges.Of(slots);
        if (ranges.Length > 0)
        {
            annotations.Add<VBuffer<int>>(
                "CategoricalSlotRanges",
                new VectorDataViewType(NumberDataViewType.Int32, ranges.Length / 2, 2),
                (ref value) => Copy(ranges, ref value));
        }

        return annotations.ToAnnotations();
    }

    private static DataViewSchema.Annotations ClassNames(int classCount)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        ReadOnlyMemory<char>[] names =
            [.. Enumerable.Range(0, classCount).Select(k => k.ToString(CultureInfo.InvariantCulture).AsMemory())];
        annotations.Add<VBuffer<ReadOnlyMemory<char>>>(
            "KeyValues", new VectorDataViewType(TextDataViewType.Instance, classCount), (ref value) => Copy(names, ref value));
        return annotations.ToAnnotations();
    }

    private static void Copy<T>(T[] from, ref VBuffer<T> to)
    {
        var editor = VBufferEditor.Create(ref to, from.Length);
        from.CopyTo(editor.Values);
        to = editor.Commit();
    }
}
