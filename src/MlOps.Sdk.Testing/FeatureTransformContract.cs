using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;
using NUnit.Framework;

namespace MlOps.Sdk.Testing;

/// <summary>
/// What every <see cref="IFeatureTransform"/> and what it fits promise: the same features in training and in serving, in this process and
/// in another. Derive a fixture from it for each transform.
/// </summary>
[TestFixture]
public abstract class FeatureTransformContract
{
    private const float Before = 12345.5f;
    private const float Other = -777.25f;

    private readonly List<IFittedTransform> _fitted = [];

    /// <summary>The rows to learn from, at least 50. Default: 200 of <see cref="SampleRows"/>.</summary>
    protected virtual Dataset Rows => SampleRows.Create(200);

    /// <summary>Makes the transform. Each call gives an equal one.</summary>
    protected abstract IFeatureTransform Create();

    /// <summary>Registers the reader of the fitted transform.</summary>
    /// <param name="readers">Where to.</param>
    protected abstract void AddReaders(FormatReaders readers);

    /// <summary>What is needed of the rows to learn from; override it for another label or observed columns.</summary>
    /// <param name="rows">The rows.</param>
    protected virtual IFitContext Context(Dataset rows) => new SampleFitContext(rows);

    /// <summary>Disposes what was fitted, where it is <see cref="IDisposable"/>.</summary>
    [TearDown]
    public void DisposeFitted()
    {
        foreach (var fitted in _fitted) (fitted as IDisposable)?.Dispose();
        _fitted.Clear();
    }

    /// <summary>
    /// The fitted transform reads columns of the rows, those that were declared where any were, and never the label; its
    /// outputs have their own names.
    /// </summary>
    [Test]
    public async Task FitAsync_Rows_ReadsTheirColumnsAndNotTheLabel()
    {
        var (transform, fitted, rows) = await FitAsync().ConfigureAwait(false);
        var inputs = fitted.Inputs.Select(field => field.Name).ToArray();

        Assert.That(rows.RowCount, Is.AtLeast(50), "The contract needs at least 50 rows.");
        Assert.That(fitted.Outputs, Is.Not.Empty);
        Assert.That(fitted.Outputs.Select(slot => slot.Name), Is.Unique);
        Assert.That(fitted.Outputs.Select(slot => slot.Column).Distinct(), Is.SubsetOf(inputs));
        Assert.That(inputs, Is.SubsetOf(rows.Schema.Select(field => field.Name)));
        Assert.That(
            fitted.Inputs.Where(field => rows.Schema[field.Name] is var given && given != field
                && (field.Type, given.Type) is not (ColumnType.Number, ColumnType.Integer)),
            Is.Empty,
            "An input must have the type of its column, or Number if the column is Integer.");
        Assert.That(inputs, Has.None.EqualTo(Context(rows).Problem.Label));
        if (transform.Inputs.Count > 0) Assert.That(inputs, Is.EquivalentTo(transform.Inputs));
    }

    /// <summary>The same rows and seed teach the same, to the byte.</summary>
    [Test]
    public async Task FitAsync_Twice_SameBytes()
    {
        var (_, first, _) = await FitAsync().ConfigureAwait(false);
        var (_, second, _) = await FitAsync().ConfigureAwait(false);

        Assert.That(Cells.Save(second.Save), Is.EqualTo(Cells.Save(first.Save)), "fitted again");
        Assert.That(Cells.Save(first.Save), Is.EqualTo(Cells.Save(first.Save)), "saved again");
    }

    /// <summary>A fitting that was cancelled ends with <see cref="OperationCanceledException"/>.</summary>
    [Test]
    public void FitAsync_Cancelled_Throws()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.That(
            async () => await Create().FitAsync(Context(Rows), cancelled.Token).ConfigureAwait(false),
            Throws.InstanceOf<OperationCanceledException>());
    }

    /// <summary>
    /// A fitting that is cancelled when it has begun to read the rows ends with <see cref="OperationCanceledException"/>, and the transform
    /// learns the same afterwards as before.
    /// </summary>
    [Test]
    public async Task FitAsync_CancelledWhileItFits_EndsAndFitsAgain()
    {
        var transform = Create();
        var before = await transform.FitAsync(Context(Rows)).ConfigureAwait(false);
        using var cancellation = new CancellationTokenSource();

        Assert.That(
            async () => await transform.FitAsync(new CancellingFitContext(Context(Rows), cancellation), cancellation.Token)
                .ConfigureAwait(false),
            Throws.InstanceOf<OperationCanceledException>(),
            "cancelled while it fits");

        IFittedTransform after = before;
        Assert.That(
            async () => after = await transform.FitAsync(Context(Rows)).ConfigureAwait(false),
            Throws.Nothing,
            "fits again after it was cancelled");
        Assert.That(Cells.Save(after.Save), Is.EqualTo(Cells.Save(before.Save)), "fits the same again after it was cancelled");
    }

    /// <summary>Every output of every row is written, whatever the memory held before, and nothing beside them.</summary>
    [Test]
    public async Task Apply_Rows_WritesEverySlotAndNothingElse()
    {
        var (_, fitted, rows) = await FitAsync().ConfigureAwait(false);
        var first = Apply(fitted, rows, Before);
        var second = Apply(fitted, rows, Other);

        Assert.That(Cells.Bits(second), SameBits.As(Cells.Bits(first)));
        Assert.That(first, Has.None.EqualTo(Before).And.None.EqualTo(Other));
    }

    /// <summary>A matrix (column by column, in training) and vectors (row by row, in serving) get the same features.</summary>
    [Test]
    public async Task Apply_MatrixAndVectors_SameBits()
    {
        var (_, fitted, rows) = await FitAsync().ConfigureAwait(false);
        var width = fitted.Outputs.Count;
        var vectors = Apply(fitted, rows, Before);
        if (fitted.IsSparse) return;
        var matrix = new float[vectors.Length];
        using var scratch = new PredictScratch();
        fitted.Apply(
            new RowBlock(Columns(fitted, rows), 0, rows.RowCount),
            new FeatureWriter(matrix, slotStride: rows.RowCount, rowStride: 1),
            scratch);
        var turned = new float[matrix.Length];
        for (var row = 0; row < rows.RowCount; row++)
        {
            for (var slot = 0; slot < width; slot++) turned[row * width + slot] = matrix[slot * rows.RowCount + row];
        }

        Assert.That(Cells.Bits(turned), SameBits.As(Cells.Bits(vectors)));
    }

    /// <summary>
    /// A row alone, as in serving, gets the features that it gets among others, also when its text has another code in its own column.
    /// </summary>
    [Test]
    public async Task Apply_OneRow_SameBitsAsBatch()
    {
        var (_, fitted, rows) = await FitAsync().ConfigureAwait(false);
        var width = fitted.Outputs.Count;
        var batch = Apply(fitted, rows, Before);
        using var scratch = new PredictScratch();
        for (var row = 0; row < rows.RowCount; row++)
        {
            var expected = Cells.Bits(batch.AsSpan(row * width, width).ToArray());
            Assert.That(Cells.Bits(Apply(fitted, rows.Take([row]), Before)), SameBits.As(expected), $"row {row} alone");
            if (fitted.IsSparse) continue;
            var part = new float[width];
            fitted.Apply(new RowBlock(Columns(fitted, rows), row, 1), new FeatureWriter(part, slotStride: 1, rowStride: width), scratch);
            Assert.That(Cells.Bits(part), SameBits.As(expected), $"row {row} as a part of a block");
        }
    }

    /// <summary>Missing values, and values that training never saw, get features too; the same ones each time.</summary>
    [Test]
    public async Task Apply_MissingAndUnseenValues_WritesEverySlot()
    {
        var (_, fitted, rows) = await FitAsync().ConfigureAwait(false);
        var strange = StrangeRows.Of(rows.Schema);
        var first = Apply(fitted, strange, Before);

        Assert.That(Cells.Bits(Apply(fitted, strange, Other)), SameBits.As(Cells.Bits(first)));
    }

    /// <summary>After its first use, applying allocates nothing.</summary>
    [Test]
    public async Task Apply_AfterWarmUp_AllocatesNothing()
    {
        var (_, fitted, rows) = await FitAsync().ConfigureAwait(false);
        var columns = Columns(fitted, rows);
        var width = fitted.Outputs.Count;
        var values = new float[fitted.IsSparse ? 0 : rows.RowCount * width];
        var sparse = new SparseFeaturesBuilder();
        using var scratch = new PredictScratch();
        Run();

        // The runtime may allocate for itself in between, but not every time.
        var least = long.MaxValue;
        for (var attempt = 0; attempt < 5 && least > 0; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Run();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.That(least, Is.Zero, "Bytes: keep memory in the scratch.");

        void Run()
        {
            for (var i = 0; i < 20; i++)
            {
                sparse.Clear();
                var writer = fitted.IsSparse ? new FeatureWriter(sparse) : new FeatureWriter(values, slotStride: 1, rowStride: width);
                fitted.Apply(new RowBlock(columns, 0, rows.RowCount), writer, scratch);
            }
        }
    }

    /// <summary>Saved and read by its registered reader, the transform reads and writes the same, to the bit.</summary>
    [Test]
    public async Task SaveAndRead_FittedTransform_SameBytesAndBits()
    {
        var (_, fitted, rows) = await FitAsync().ConfigureAwait(false);
        var bytes = Cells.Save(fitted.Save);
        var readers = new FormatReaders();
        AddReaders(readers);

        var read = readers.Read<IFittedTransform>(fitted.FormatId, bytes);
        _fitted.Add(read);

        Assert.That(read.FormatId, Is.EqualTo(fitted.FormatId));
        Assert.That(read.Inputs, Is.EqualTo(fitted.Inputs));
        Assert.That(read.Outputs, Is.EqualTo(fitted.Outputs));
        Assert.That(Cells.Save(read.Save), Is.EqualTo(bytes));
        foreach (var table in new[] { rows, StrangeRows.Of(rows.Schema) })
            Assert.That(Cells.Bits(Apply(read, table, Before)), SameBits.As(Cells.Bits(Apply(fitted, table, Before))));
    }

    /// <summary>
    /// The rows before a row do not matter: in one block or one by one, in any order and twice in a row, each gets the features that it
    /// gets alone, to the bit. Engines that keep what they computed until a position changes break this silently.
    /// </summary>
    [Test]
    public async Task Apply_RowsInAnyOrder_SameBits()
    {
        var (_, fitted, rows) = await FitAsync().ConfigureAwait(false);
        float[][] alone = [.. Enumerable.Range(0, 40).Select(row => Apply(fitted, rows.Take([row]), Before))];
        using var scratch = new PredictScratch();
        foreach (var (order, taken) in Orders.Of(alone.Length))
        {
            var expected = Cells.Bits([.. taken.SelectMany(row => alone[row])]);
            Assert.That(
                Cells.Bits(Apply(fitted, rows.Take(taken), Before, scratch)), SameBits.As(expected), $"in one block, {order}");
            float[] oneByOne = [.. taken.SelectMany(row => Apply(fitted, rows.Take([row]), Before, scratch))];
            Assert.That(Cells.Bits(oneByOne), SameBits.As(expected), $"one by one, {order}");
        }
    }

    /// <summary>
    /// A fitted transform may be used from several threads: any thread with its own scratch gets the features of the thread that
    /// fitted, to the bit.
    /// </summary>
    [Test]
    public async Task Apply_FromManyThreads_SameBits()
    {
        var (_, fitted, rows) = await FitAsync().ConfigureAwait(false);
        var expected = Cells.Bits(Apply(fitted, rows, Before));
        var (count, width) = (rows.RowCount, fitted.Outputs.Count);

        var found = OwnThreads.Run(16, number =>
        {
            // Each thread is at another row, so that an engine that threads share mixes their rows up.
            var oneByOne = new float[count * width];
            using var scratch = new PredictScratch();
            foreach (var row in Orders.From(number * count / 16, count))
            {
                Apply(fitted, rows.Take([row]), Before, scratch).CopyTo(oneByOne.AsSpan(row * width));
            }

            return (OneByOne: Cells.Bits(oneByOne), Block: Cells.Bits(Apply(fitted, rows, Before)));
        });

        for (var thread = 0; thread < found.Length; thread++)
        {
            Assert.That(found[thread].OneByOne, SameBits.As(expected), $"one by one, thread {thread} of {found.Length}");
            Assert.That(found[thread].Block, SameBits.As(expected), $"in one block, thread {thread} of {found.Length}");
        }
    }

    /// <summary>
    /// A thread that uses two fitted transforms in turn with one scratch gets the features of each: what they keep in it belongs to the
    /// one, not to its type.
    /// </summary>
    [Test]
    public async Task Apply_OneScratchForTwoTransforms_SameBits()
    {
        var (_, first, rows) = await FitAsync().ConfigureAwait(false);
        var half = rows.Take([.. Enumerable.Range(0, rows.RowCount / 2)]);
        var second = await Create().FitAsync(Context(half)).ConfigureAwait(false);
        var (ofFirst, ofSecond) = (Cells.Bits(Apply(first, rows, Before)), Cells.Bits(Apply(second, rows, Before)));

        using var scratch = new PredictScratch();
        for (var round = 0; round < 2; round++)
        {
            Assert.That(Cells.Bits(Apply(first, rows, Before, scratch)), SameBits.As(ofFirst), "the first transform");
            Assert.That(Cells.Bits(Apply(second, rows, Before, scratch)), SameBits.As(ofSecond), "the second transform");
        }
    }

    /// <summary>
    /// A fitted transform that is <see cref="IDisposable"/> may be disposed of more than once, and those of other folds and versions still
    /// work.
    /// </summary>
    [Test]
    public async Task Dispose_FittedTransform_LeavesOthersAtWork()
    {
        var (_, fitted, rows) = await FitAsync().ConfigureAwait(false);
        var (_, other, _) = await FitAsync().ConfigureAwait(false);
        var readers = new FormatReaders();
        AddReaders(readers);
        var read = readers.Read<IFittedTransform>(fitted.FormatId, Cells.Save(fitted.Save));
        _fitted.Add(read);
        var expected = Cells.Bits(Apply(fitted, rows, Before));

        (fitted as IDisposable)?.Dispose();
        (fitted as IDisposable)?.Dispose();

        Assert.That(Cells.Bits(Apply(other, rows, Before)), SameBits.As(expected));
        Assert.That(Cells.Bits(Apply(read, rows, Before)), SameBits.As(expected));
    }

    private async Task<(IFeatureTransform Transform, IFittedTransform Fitted, Dataset Rows)> FitAsync()
    {
        var transform = Create();
        var rows = Rows;
        var fitted = await transform.FitAsync(Context(rows)).ConfigureAwait(false);
        _fitted.Add(fitted);
        return (transform, fitted, rows);
    }

    private static Column[] Columns(IFittedTransform fitted, Dataset rows) => [.. fitted.Inputs.Select(field => rows[field.Name])];

    private static float[] Apply(IFittedTransform fitted, Dataset rows, float fill)
    {
        using var scratch = new PredictScratch();
        return Apply(fitted, rows, fill, scratch);
    }

    // The vectors stand between margins that must stay as they were.
    private static float[] Apply(IFittedTransform fitted, Dataset rows, float fill, PredictScratch scratch)
    {
        var width = fitted.Outputs.Count;
        if (fitted.IsSparse) return Dense(fitted, rows, width, scratch);
        var stride = width + 3;
        var memory = new float[rows.RowCount * stride];
        memory.AsSpan().Fill(fill);
        fitted.Apply(
            new RowBlock(Columns(fitted, rows), 0, rows.RowCount),
            new FeatureWriter(memory, slotStride: 1, rowStride: stride).From(2),
            scratch);
        var values = new float[rows.RowCount * width];
        for (var row = 0; row < rows.RowCount; row++)
        {
            var ofRow = memory.AsSpan(row * stride, stride);
            if (ofRow[0] != fill || ofRow[1] != fill || ofRow[^1] != fill)
            {
                Assert.Fail($"The transform wrote outside its outputs in row {row}.");
            }
            ofRow.Slice(2, width).CopyTo(values.AsSpan(row * width));
        }

        return values;
    }

    private static float[] Dense(IFittedTransform fitted, Dataset rows, int width, PredictScratch scratch)
    {
        const int first = 5;
        var builder = new SparseFeaturesBuilder();
        fitted.Apply(new RowBlock(Columns(fitted, rows), 0, rows.RowCount), new FeatureWriter(builder, first), scratch);
        var sparse = builder.Build(rows.RowCount);
        var values = new float[rows.RowCount * width];
        for (var row = 0; row < rows.RowCount; row++)
        {
            for (var i = sparse.Starts[row]; i < sparse.Starts[row + 1]; i++)
            {
                if (sparse.Slots[i] < first || sparse.Slots[i] >= first + width)
                {
                    Assert.Fail($"The transform wrote outside its outputs in row {row}.");
                }
                values[row * width + sparse.Slots[i] - first] = sparse.Values[i];
            }
        }

        return values;
    }
}
