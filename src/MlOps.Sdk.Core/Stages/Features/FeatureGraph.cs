using System.Buffers;
using System.Text.Json;
using MlOps.Sdk.Data;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Processing;

namespace MlOps.Sdk.Features;

/// <summary>
/// Everything between a raw row and its feature vector: the row-wise steps, then the fitted transforms.
/// The one graph that training and serving share. Immutable and thread-safe; disposing it disposes the transforms that hold what must be
/// given back, after the last use of the graph.
/// </summary>
public sealed class FeatureGraph : IDisposable
{
    private readonly RowBinding[] _bindings;

    private FeatureGraph(
        Schema input,
        IReadOnlyList<IRowProcessor> steps,
        RowBinding[] bindings,
        IReadOnlyList<IFittedTransform> transforms,
        IReadOnlyList<Field> columns,
        IReadOnlyList<string> observed,
        IReadOnlyList<string> identifying,
        bool changesLabel)
    {
        Columns = columns;
        Input = input;
        Identifying = identifying;
        ChangesLabel = changesLabel;
        Steps = steps;
        _bindings = bindings;
        Transforms = transforms;
        Observed = observed;
        FirstSlots = new int[transforms.Count];
        var slots = new List<FeatureSlot>();
        foreach (var sparse in new[] { false, true })
        {
            foreach (var (i, transform) in transforms.Index())
            {
                if (transform.IsSparse != sparse) continue;
                FirstSlots[i] = slots.Count;
                slots.AddRange(transform.Outputs);
            }

            if (!sparse) DenseWidth = slots.Count;
        }

        Slots = slots;
    }

    /// <summary>The columns of a raw row that are read, the observed ones included.</summary>
    public Schema Input { get; }

    /// <summary>The features, in the order of the vector: those of dense transforms in their order, then those of sparse ones.</summary>
    public IReadOnlyList<FeatureSlot> Slots { get; }

    /// <summary>The number of dense features, which come first.</summary>
    public int DenseWidth { get; }

    /// <summary>The columns, after the row-wise steps, that a model without features reads; empty for one with features.</summary>
    public IReadOnlyList<Field> Columns { get; }

    /// <summary>Columns that are recorded with every prediction and never scored.</summary>
    public IReadOnlyList<string> Observed { get; }

    /// <summary>
    /// Columns of <see cref="Input"/> that are recorded only to recognize a row or to tell its group: they are
    /// neither scored nor watched for drift.
    /// </summary>
    public IReadOnlyList<string> Identifying { get; }

    /// <summary>Whether a step computes the label, so that it stands otherwise in the collected rows than the model knows it.</summary>
    internal bool ChangesLabel { get; }

    internal IReadOnlyList<IRowProcessor> Steps { get; }

    internal IReadOnlyList<RowBinding> Bindings => _bindings;

    internal IReadOnlyList<IFittedTransform> Transforms { get; }

    /// <summary>Where the features of each transform begin.</summary>
    internal int[] FirstSlots { get; }

    /// <summary>The schema after the row-wise steps: what the transforms read.</summary>
    internal Schema Prepared => _bindings.Length == 0 ? Input : _bindings[^1].Output;

    /// <summary>Assembles a graph.</summary>
    /// <param name="raw">The schema of the collected rows.</param>
    /// <param name="label">The label's column in the collected rows or after the steps; it is never an input.</param>
    /// <param name="steps">The row-wise steps, in order.</param>
    /// <param name="transforms">The fitted transforms, in order.</param>
    /// <param name="observed">Columns to record without scoring them.</param>
    /// <param name="recorded">Columns to record in order to recognize a row or to tell its group.</param>
    /// <param name="columns">The columns that a model without features reads; <see langword="null"/> for one with features.</param>
    internal static FeatureGraph Create(
        Schema raw,
        string label,
        IReadOnlyList<IRowProcessor> steps,
        IReadOnlyList<IFittedTransform> transforms,
        IReadOnlyList<string> observed,
        IReadOnlyList<string> recorded,
        IReadOnlyList<Field>? columns = null)
    {
        var duplicate = transforms.SelectMany(t => t.Outputs).GroupBy(slot => slot.Name).FirstOrDefault(group => group.Count() > 1);
        if (duplicate is not null)
        {
            throw new MlOpsException(
                $"The feature '{duplicate.Key}' is created twice.",
                "Remove the column from one of the transforms, for example with Auto(except: …).") { Column = duplicate.Key };
        }
        if (columns is null && transforms.Sum(t => t.Outputs.Count) == 0)
        {
            throw new MlOpsException(
                "There are no features to learn from.",
                "Name columns that the transforms can read, or check why Auto() excluded every column.");
        }

        var kept = WithoutLabelSteps(raw, steps, ref label, out var changesLabel);
        var without = new Schema(raw.Where(field => field.Name != label));
        if (!TryBind(without, kept, Read(), observed, out _, out var failure)) throw failure!;

        // A column is an input when the graph cannot be bound without it.
        var needed = without;
        foreach (var field in without)
        {
            var fewer = new Schema(needed.Where(f => f.Name != field.Name));
            if (TryBind(fewer, kept, Read(), observed, out _, out _)) needed = fewer;
        }

        string[] identifying = [.. recorded.Where(column => without.Contains(column) && !needed.Contains(column))];
        needed = Widen(needed, kept, [.. Read()], observed);
        needed = new Schema([.. needed, .. identifying.Select(column => without[column])]);
        TryBind(needed, kept, Read(), observed, out var bindings, out _);
        return new FeatureGraph(needed, kept, bindings, transforms, columns ?? [], observed, identifying, changesLabel);

        IEnumerable<Field> Read() => transforms.SelectMany(transform => transform.Inputs).Concat(columns ?? []);
    }

    /// <summary>Computes the features of prepared rows, as training sees them: after the row-wise steps.</summary>
    /// <param name="prepared">Rows with the columns that the transforms read.</param>
    internal FeatureMatrix Transform(Dataset prepared)
    {
        var rows = prepared.RowCount;
        var values = new float[(long)DenseWidth * rows];
        var sparse = new List<SparseFeaturesBuilder>();
        using var scratch = new PredictScratch();
        foreach (var (i, transform) in Transforms.Index())
        {
            Column[] columns = [.. transform.Inputs.Select(input => prepared[input.Name])];
            if (transform.IsSparse) sparse.Add(new SparseFeaturesBuilder());
            if (rows == 0) continue;
            var writer = transform.IsSparse
                ? new FeatureWriter(sparse[^1], FirstSlots[i])
                : new FeatureWriter(values.AsSpan(), slotStride: rows, rowStride: 1).From(FirstSlots[i]);
            transform.Apply(new RowBlock(columns, 0, rows), writer, scratch);
        }

        return new FeatureMatrix(
            Slots, rows, values, DenseWidth == Slots.Count ? null : SparseFeaturesBuilder.Join(sparse, rows).Build(rows));
    }

    /// <summary>Writes the graph; the same bytes for the same graph.</summary>
    /// <param name="to">Where to write.</param>
    public void Save(IBufferWriter<byte> to)
    {
        var document = new FeatureGraphDocument
        {
            Input = [.. Input],
            Steps = [.. Steps.Select(step => SavedPart.Of(step.FormatId, step.Save))],
            Transforms = [.. Transforms.Select(transform => SavedPart.Of(transform.FormatId, transform.Save))],
            Columns = Columns.Count == 0 ? null : [.. Columns],
            Observed = [.. Observed],
            Identifying = [.. Identifying],
            ChangesLabel = ChangesLabel,
        };
        using var writer = new Utf8JsonWriter(to);
        JsonSerializer.Serialize(writer, document, FeatureJson.Default.FeatureGraphDocument);
    }

    /// <summary>Reads a graph.</summary>
    /// <param name="bytes">What <see cref="Save"/> wrote.</param>
    /// <param name="readers">The readers of the steps and transforms in it.</param>
    /// <exception cref="MlOpsException">The bytes are damaged, or a reader is missing.</exception>
    public static FeatureGraph Read(ReadOnlyMemory<byte> bytes, FormatReaders readers)
    {
        FeatureGraphDocument? document;
        try
        {
            document = JsonSerializer.Deserialize(bytes.Span, FeatureJson.Default.FeatureGraphDocument);
        }
        catch (JsonException e)
        {
            throw new MlOpsException(
                $"The feature graph cannot be read: {e.Message}", "The package is damaged; deploy another version.", e);
        }

        if (document is null) throw new MlOpsException("The feature graph is empty.", "The package is damaged; deploy another version.");
        // The serializer checks members for null, not elements.
        if (document.Input.Contains(null)
            || document.Steps.Contains(null)
            || document.Transforms.Contains(null)
            || document.Columns?.Contains(null) == true
            || document.Observed.Contains(null)
            || document.Identifying.Contains(null))
        {
            throw new MlOpsException("The feature graph has an empty element.", "The package is damaged; deploy another version.");
        }
        var input = new Schema(document.Input);
        IRowProcessor[] steps = [.. document.Steps.Select(part => readers.Read<IRowProcessor>(part.FormatId, part.Bytes))];
        var columns = document.Columns ?? [];
        var transforms = new List<IFittedTransform>();
        try
        {
            foreach (var part in document.Transforms) transforms.Add(readers.Read<IFittedTransform>(part.FormatId, part.Bytes));
            var read = transforms.SelectMany(transform => transform.Inputs).Concat(columns);
            if (!TryBind(input, steps, read, document.Observed, out var bindings, out var failure)) throw failure!;
            return new FeatureGraph(
                input, steps, bindings, transforms, columns, document.Observed, document.Identifying, document.ChangesLabel);
        }
        catch
        {
            DisposeAll(transforms);
            throw;
        }
    }

    /// <summary>Disposes the transforms that are <see cref="IDisposable"/>.</summary>
    public void Dispose() => DisposeAll(Transforms);

    /// <summary>Disposes the transforms that are <see cref="IDisposable"/>.</summary>
    internal static void DisposeAll(IEnumerable<IFittedTransform> transforms)
    {
        foreach (var transform in transforms) (transform as IDisposable)?.Dispose();
    }

    // A step that only changes the label has nothing to do when serving, where there is no label. The label
    // may have had another name before.
    private static List<IRowProcessor> WithoutLabelSteps(
        Schema raw, IReadOnlyList<IRowProcessor> steps, ref string label, out bool changesLabel)
    {
        changesLabel = false;
        var bindings = new RowBinding[steps.Count];
        var schemas = new Schema[steps.Count];
        var schema = raw;
        for (var i = 0; i < steps.Count; i++)
        {
            schemas[i] = schema;
            bindings[i] = steps[i].BindRows(schema);
            schema = bindings[i].Output;
        }

        var kept = new List<IRowProcessor>(steps.Count);
        for (var i = steps.Count - 1; i >= 0; i--)
        {
            var column = bindings[i].Output.TryGetIndex(label, out var index) ? bindings[i].Columns[index] : null;
            var before = column is { Computation: null } ? schemas[i][column.Input].Name : label;
            changesLabel |= column?.Computation is not null;
            var unlabelled = new Schema(schemas[i].Where(field => field.Name != before));
            if (!OnlyTouches(before, label, schemas[i], bindings[i]) || CanBind(steps[i], unlabelled)) kept.Insert(0, steps[i]);
            label = before;
        }

        return kept;
    }

    private static bool OnlyTouches(string before, string after, Schema input, RowBinding binding)
    {
        for (var i = 0; i < binding.Columns.Count; i++)
        {
            var column = binding.Columns[i];
            var isLabel = column.Computation is not null ? binding.Output[i].Name == after : input[column.Input].Name == before;
            var isUnchanged = column.Computation is null && input[column.Input].Name == binding.Output[i].Name;
            if (!isLabel && !isUnchanged) return false;
        }

        return binding.Output.Count >= input.Count - 1;
    }

    // Columns of whole numbers that are read as numbers only become such.
    private static Schema Widen(
        Schema needed, IReadOnlyList<IRowProcessor> steps, IReadOnlyList<Field> read, IReadOnlyList<string> observed)
    {
        string[] whole = [.. needed.Where(field => field.Type == ColumnType.Integer && !read.Contains(field)).Select(field => field.Name)];
        var all = Widened(needed, whole);
        if (MayBe(all, whole)) return all;
        foreach (var column in whole)
        {
            var one = Widened(needed, [column]);
            if (MayBe(one, [column])) needed = one;
        }

        return needed;

        static Schema Widened(Schema schema, IReadOnlyCollection<string> columns) => new(
            schema.Select(field => columns.Contains(field.Name) ? field with { Type = ColumnType.Number } : field));

        bool MayBe(Schema widened, string[] columns)
        {
            var (before, after) = (needed, widened);
            var changed = columns;
            foreach (var step in steps)
            {
                if (!CanBind(step, after)) return false;
                var (old, now) = (step.BindRows(before), step.BindRows(after));
                if (now.Columns.Any(column => column.Computation is not null) && !Array.TrueForAll(changed, IsReadRight)) return false;
                (before, after) = (old.Output, now.Output);
                changed = [.. after.Where(field => before.Contains(field.Name) && before[field.Name] != field).Select(field => field.Name)];

                bool IsReadRight(string column) =>
                    step.ReadsAsNumber(column) || CanBind(step, new Schema(after.Where(field => field.Name != column)));
            }

            return TryBind(widened, steps, read, observed, out _, out _) && !Array.Exists(columns, IsOnlyObserved);

            bool IsOnlyObserved(string column) =>
                observed.Contains(column)
                    && TryBind(new Schema(widened.Where(field => field.Name != column)), steps, read, [], out _, out _);
        }
    }

    private static bool CanBind(IRowProcessor step, Schema schema)
    {
        try
        {
            step.BindRows(schema);
            return true;
        }
        catch (MlOpsException)
        {
            return false;
        }
    }

    private static bool TryBind(
        Schema input,
        IReadOnlyList<IRowProcessor> steps,
        IEnumerable<Field> read,
        IReadOnlyList<string> observed,
        out RowBinding[] bindings,
        out MlOpsException? failure)
    {
        bindings = new RowBinding[steps.Count];
        var schema = input;
        try
        {
            for (var i = 0; i < bindings.Length; i++)
            {
                bindings[i] = steps[i].BindRows(schema);
                schema = bindings[i].Output;
            }

            foreach (var field in read)
            {
                if (!field.Takes(schema[field.Name]))
                {
                    throw new MlOpsException(
                        $"The column '{field.Name}' is read as {field.Type}, but it is {schema[field.Name].Type}.",
                        "Cast the column in ProcessData.") { Column = field.Name };
                }
            }

            foreach (var column in observed) _ = input.IndexOf(column);
            failure = null;
            return true;
        }
        catch (MlOpsException e)
        {
            failure = e;
            return false;
        }
    }
}
