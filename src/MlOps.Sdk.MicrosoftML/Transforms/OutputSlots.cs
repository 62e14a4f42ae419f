using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Features;

namespace MlOps.Sdk.MLNet;

/// <summary>Which columns of an estimator become features, and what the features are called.</summary>
internal static class OutputSlots
{
    /// <summary>From how many features on only values other than 0 are kept.</summary>
    public const int WidestDense = 512;

    /// <summary>The columns whose numbers become features: a named one, or the numeric columns that the last step adds.</summary>
    /// <param name="fitted">The fitted estimator.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="named">The named column; <see langword="null"/> for none.</param>
    /// <param name="transform">The transform's name, for messages.</param>
    /// <exception cref="MlOpsException">There is no such column, or its values are not numbers.</exception>
    public static IReadOnlyList<string> Choose(ITransformer fitted, DataViewSchema input, string? named, string transform)
    {
        var schemas = new List<DataViewSchema> { input };
        foreach (var step in fitted is IEnumerable<ITransformer> chain ? chain : [fitted]) schemas.Add(step.GetOutputSchema(schemas[^1]));
        var last = schemas[^1];
        var added = $"It adds: {Listed(last, input)}.";
        if (named is not null)
        {
            var column = last.GetColumnOrNull(named)
                ?? throw new MlOpsException($"The feature transform '{transform}' has no output '{named}'.", added);
            return IsNumeric(column.Type)
                ? [named]
                : throw new MlOpsException(
                    $"The output '{named}' of the feature transform '{transform}' is {column.Type}, " +
                        "which is neither a number nor a vector of numbers.",
                    "Append ml.Transforms.Conversion.ConvertType(…), or name another output. " + added);
        }

        // A last step that only drops or renames what others made adds nothing of its own.
        for (var i = schemas.Count - 1; i > 0; i--)
        {
            string[] outputs =
            [
                .. schemas[i]
                    .Where(column => !column.IsHidden && column.Index >= schemas[i - 1].Count && IsNumeric(column.Type))
                    .Select(column => column.Name)
                    .Where(name => last.GetColumnOrNull(name) is { } kept && IsNumeric(kept.Type)),
            ];
            if (outputs.Length > 0) return outputs;
        }

        string[] left = [.. last.Where(column => IsAdded(column, input) && IsNumeric(column.Type)).Select(column => column.Name)];
        return left.Length > 0
            ? left
            : throw new MlOpsException(
                $"The feature transform '{transform}' adds neither a number nor a vector of numbers.",
                "Append ml.Transforms.Conversion.ConvertType(…), or use another estimator. " + added);
    }

    /// <summary>The features of a column.</summary>
    /// <param name="column">The column.</param>
    /// <param name="transform">The transform's name.</param>
    /// <param name="isOnly">Whether the transform has no other column.</param>
    /// <param name="sources">The columns of ours that it is made of, at least one.</param>
    public static IEnumerable<FeatureSlot> Of(
        DataViewSchema.Column column, string transform, bool isOnly, IReadOnlyList<InputColumn> sources)
    {
        var prefix = isOnly ? transform : $"{transform}.{column.Name}";
        if (column.Type is not VectorDataViewType vector) return [new FeatureSlot(prefix, sources[0].Name)];
        var names = Names(column, vector.Size);
        var levels = Levels(column, vector.Size);
        return Enumerable.Range(0, vector.Size).Select(slot =>
        {
            var source = names is null ? sources[0] : SourceOf(names[slot], sources);
            var name = names is null ? slot.ToString(CultureInfo.InvariantCulture) : names[slot];
            var (kind, group) = levels?[slot] is >= 0 and var set
                ? (SlotKind.Level, string.Create(CultureInfo.InvariantCulture, $"{prefix}#{set}"))
                : (Kind(names is not null, source), sources.Count > 1 ? $"{prefix}.{source.Name}" : prefix);
            return new FeatureSlot($"{prefix}.{name}", source.Name, kind, kind == SlotKind.Numeric ? null : group);
        });
    }

    /// <summary>Features whose names are unique: a repeated name gets a number.</summary>
    public static IReadOnlyList<FeatureSlot> Unique(IEnumerable<FeatureSlot> slots)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        var unique = new List<FeatureSlot>();
        foreach (var slot in slots)
        {
            var name = slot.Name;
            for (var i = 2; !known.Add(name); i++) name = string.Create(CultureInfo.InvariantCulture, $"{slot.Name} ({i})");
            unique.Add(name == slot.Name ? slot : slot with { Name = name });
        }

        return unique;
    }

    /// <summary>The number of features of a column; 0 for one that is none.</summary>
    public static int WidthOf(DataViewType type) => !IsNumeric(type) ? 0 : type is VectorDataViewType vector ? vector.Size : 1;

    // Concatenate puts the name of a column before those of its slots. Where nothing tells, it is the first.
    private static InputColumn SourceOf(string slot, IReadOnlyList<InputColumn> sources) => sources
        .Where(source => slot.StartsWith(source.Name, StringComparison.Ordinal)
            && (slot.Length == source.Name.Length || slot[source.Name.Length] == '.'))
        .MaxBy(source => source.Name.Length) ?? sources[0];

    private static SlotKind Kind(bool hasNames, InputColumn source) => (source.Kind, hasNames) switch
    {
        (InputKind.Text, true) => SlotKind.Text,
        (InputKind.Text, false) => SlotKind.Embedding,
        _ => SlotKind.Numeric,
    };

    private static bool IsNumeric(DataViewType type)
    {
        var item = type is VectorDataViewType vector ? vector.ItemType : type;
        return (type is not VectorDataViewType { IsKnownSize: false })
            && (item == NumberDataViewType.Single || item == NumberDataViewType.Double || item is BooleanDataViewType);
    }

    private static bool IsAdded(DataViewSchema.Column column, DataViewSchema input) =>
        !column.IsHidden && (input.GetColumnOrNull(column.Name) is not { } same || same.Type != column.Type);

    // Names of slots may be sparse, where only some slots have one.
    private static string[]? Names(DataViewSchema.Column column, int size)
    {
        if (column.Annotations.Schema.GetColumnOrNull("SlotNames")?.Type is not VectorDataViewType { ItemType: TextDataViewType } type
            || type.Size != size)
        {
            return null;
        }
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.Annotations.GetValue("SlotNames", ref names);
        string[] texts = [.. names.DenseValues().Select(name => name.ToString())];
        for (var slot = 0; slot < texts.Length; slot++)
        {
            if (texts[slot].Length == 0) texts[slot] = slot.ToString(CultureInfo.InvariantCulture);
        }

        return texts;
    }

    // Pairs of the first and the last slot of each set of levels.
    private static int[]? Levels(DataViewSchema.Column column, int size)
    {
        if (column.Annotations.Schema.GetColumnOrNull("CategoricalSlotRanges") is null) return null;
        VBuffer<int> ranges = default;
        column.Annotations.GetValue("CategoricalSlotRanges", ref ranges);
        int[] bounds = [.. ranges.DenseValues()];
        var levels = new int[size];
        levels.AsSpan().Fill(-1);
        for (var i = 0; i + 1 < bounds.Length; i += 2)
        {
            if (bounds[i] < 0 || bounds[i] > bounds[i + 1] || bounds[i + 1] >= size) return null;
            levels.AsSpan(bounds[i]..(bounds[i + 1] + 1)).Fill(i / 2);
        }

        return levels;
    }

    private static string Listed(DataViewSchema schema, DataViewSchema input) => string.Join(
        ", ", schema.Where(column => IsAdded(column, input)).Take(40).Select(column => $"{Printable.Text(column.Name)} ({column.Type})"));
}
