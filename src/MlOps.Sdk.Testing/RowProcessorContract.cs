using MlOps.Sdk.Data;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Processing;
using NUnit.Framework;

namespace MlOps.Sdk.Testing;

/// <summary>
/// What every <see cref="IRowProcessor"/> promises: it computes each row from that row alone, and does in another process what it did here.
/// Derive a fixture from it for each step.
/// </summary>
[TestFixture]
public abstract class RowProcessorContract
{
    /// <summary>Rows that the step can work on, at least 4, some of them with missing values.</summary>
    protected virtual RecordBatch Rows => SampleRows.Create(40).ToBatches().Single();

    /// <summary>
    /// The label's column in <see cref="Rows"/>; the step has to work without it, as when serving. <see langword="null"/> for a step that
    /// only changes the label. Default: <see cref="SampleRows.Label"/>.
    /// </summary>
    protected virtual string? Label => SampleRows.Label;

    /// <summary>Makes the step. Each call gives an equal one.</summary>
    protected abstract IRowProcessor Create();

    /// <summary>Registers the reader of the step.</summary>
    /// <param name="readers">Where to.</param>
    protected abstract void AddReaders(FormatReaders readers);

    /// <summary>The output has the schema that the binding says, with a row for every row, and the input is not changed.</summary>
    [Test]
    public void Apply_Rows_HaveTheBoundSchema()
    {
        var rows = Rows;
        var before = Cells.Of(rows);
        var binding = Create().BindRows(rows.Schema);

        var output = binding.Apply(rows);

        Assert.That(rows.RowCount, Is.AtLeast(4), "The contract needs at least 4 rows.");
        Assert.That(output.Schema, Is.EqualTo(binding.Output));
        Assert.That(output.RowCount, Is.EqualTo(rows.RowCount));
        Assert.That(Cells.Of(rows), Is.EqualTo(before));
        Assert.That(Create().Bind(rows.Schema), Is.EqualTo(binding.Output));
    }

    /// <summary>Saved and read by its registered reader, the step gives the same rows and the same bytes.</summary>
    [Test]
    public void SaveAndRead_Step_DoesTheSame()
    {
        var rows = Rows;
        var step = Create();
        var bytes = Cells.Save(step.Save);
        var readers = new FormatReaders();
        AddReaders(readers);

        var read = readers.Read<IRowProcessor>(step.FormatId, bytes);

        Assert.That(read.FormatId, Is.EqualTo(step.FormatId));
        Assert.That(Cells.Save(read.Save), Is.EqualTo(bytes));
        Assert.That(Cells.Save(Create().Save), Is.EqualTo(bytes), "An equal step must save equal bytes.");
        Assert.That(Cells.Of(read.BindRows(rows.Schema).Apply(rows)), Is.EqualTo(Cells.Of(step.BindRows(rows.Schema).Apply(rows))));
    }

    /// <summary>Rows one by one, in batches of any size and in any order give what they give together.</summary>
    [Test]
    public void Apply_RowsInOtherBatches_GivesTheSame()
    {
        var rows = Rows;
        var binding = Create().BindRows(rows.Schema);
        var expected = Cells.Of(binding.Apply(rows));

        foreach (var size in new[] { 1, 2, 3 })
        {
            var found = new List<string>();
            for (var start = 0; start < rows.RowCount; start += size)
            {
                found.AddRange(Cells.Of(binding.Apply(Cells.Slice(rows, start, Math.Min(size, rows.RowCount - start)))));
            }
            Assert.That(found, Is.EqualTo(expected), $"in batches of {size}");
        }

        var reversed = rows.Take([.. Enumerable.Range(0, rows.RowCount).Reverse()]);
        Assert.That(Cells.Of(binding.Apply(reversed)), Is.EqualTo(expected.Reverse()), "in reverse order");
        Assert.That(binding.Apply(Cells.Slice(rows, 0, 0)).RowCount, Is.Zero);
    }

    /// <summary>A part of a larger block of rows gives what it gives alone.</summary>
    [Test]
    public void Compute_PartOfABlock_GivesTheSame()
    {
        var rows = Rows;
        Column[] columns = [.. rows.Columns];
        var binding = Create().BindRows(rows.Schema);
        var all = binding.Apply(rows);
        for (var i = 0; i < binding.Columns.Count; i++)
        {
            if (binding.Columns[i].Computation is not { } compute) continue;
            var builder = ColumnBuilder.Create(binding.Output[i].Type, binding.Output[i].Length);
            compute(new RowBlock(columns, 1, 2), builder);
            var part = builder.Build();
            Assert.That(part.Length, Is.EqualTo(2), "one value per row of the block");
            for (var row = 0; row < 2; row++)
            {
                Assert.That(part.GetText(row), Is.EqualTo(all.Columns[i].GetText(row + 1)), binding.Output[i].Name);
            }
        }
    }

    /// <summary>As a data processor, the step gives a stream of batches the same rows.</summary>
    [Test]
    public async Task ProcessAsync_Stream_GivesTheSame()
    {
        var rows = Rows;
        IDataProcessor step = Create();
        var found = new List<string>();
        await foreach (var batch in step.ProcessAsync(StreamAsync(rows)).ConfigureAwait(false)) found.AddRange(Cells.Of(batch));

        Assert.That(found, Is.EqualTo(Cells.Of(Create().BindRows(rows.Schema).Apply(rows))));
    }

    /// <summary>Without the label, as when serving, every other column is the same.</summary>
    [Test]
    public void Apply_RowsWithoutLabel_GivesTheSameColumns()
    {
        if (Label is not { } label) return;
        var rows = Rows;
        Assert.That(rows.Schema.Contains(label), Is.True, "Rows must contain the label, or Label must be null.");
        var serving = new Schema(rows.Schema.Where(field => field.Name != label));
        var with = Create().BindRows(rows.Schema).Apply(rows);

        var without = Create().BindRows(serving).Apply(new RecordBatch(serving, [.. serving.Select(field => rows[field.Name])]));

        foreach (var field in without.Schema)
            Assert.That(Texts(without[field.Name]), Is.EqualTo(Texts(with[field.Name])), field.Name);
    }

    /// <summary>One binding may be used from several threads.</summary>
    [Test]
    public void Apply_FromManyThreads_GivesTheSame()
    {
        var rows = Rows;
        var binding = Create().BindRows(rows.Schema);
        var expected = Cells.Of(binding.Apply(rows));
        var found = new string[16][];

        Parallel.For(0, found.Length, i => found[i] = Cells.Of(binding.Apply(rows)));

        foreach (var each in found) Assert.That(each, Is.EqualTo(expected), "from many threads");
    }

    private static string?[] Texts(Column column) => [.. Enumerable.Range(0, column.Length).Select(column.GetText)];

    private static async IAsyncEnumerable<RecordBatch> StreamAsync(RecordBatch rows)
    {
        for (var start = 0; start < rows.RowCount; start += 3)
        {
            await Task.Yield();
            yield return Cells.Slice(rows, start, Math.Min(3, rows.RowCount - start));
        }
    }
}
