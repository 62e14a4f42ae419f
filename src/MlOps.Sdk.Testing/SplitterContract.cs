using MlOps.Sdk.Data;
using MlOps.Sdk.Processing;
using NUnit.Framework;

namespace MlOps.Sdk.Testing;

/// <summary>
/// What every <see cref="ISplitter"/> promises: the side of a row does not depend on batches or on the order of the rows. Derive a
/// fixture from it for each splitter.
/// </summary>
[TestFixture]
public abstract class SplitterContract
{
    /// <summary>Rows of which some belong to either side, at least 50. Default: 400 of <see cref="SampleRows"/>.</summary>
    protected virtual RecordBatch Rows => SampleRows.Create(400).ToBatches().Single();

    /// <summary>Makes the splitter.</summary>
    protected abstract ISplitter Create();

    /// <summary>Equal splitters say so by an equal name and give every row the same side; both sides get rows.</summary>
    [Test]
    public void Assign_Again_SameSides()
    {
        var rows = Rows;
        var sides = Assign(rows, rows.RowCount);

        Assert.That(rows.RowCount, Is.AtLeast(50), "The contract needs at least 50 rows.");
        Assert.That(Create().Name, Is.Not.Null.And.Not.Empty.And.EqualTo(Create().Name));
        Assert.That(sides, Has.Some.EqualTo(SplitSide.Train).And.Some.EqualTo(SplitSide.Holdout));
        Assert.That(Assign(rows, rows.RowCount), Is.EqualTo(sides));
    }

    /// <summary>The size of the batches does not matter.</summary>
    [TestCase(1)]
    [TestCase(7)]
    public void Assign_OtherBatches_SameSides(int size)
    {
        var rows = Rows;

        Assert.That(Assign(rows, size), Is.EqualTo(Assign(rows, rows.RowCount)));
    }

    /// <summary>The order of the rows does not matter.</summary>
    [Test]
    public void Assign_RowsInAnotherOrder_SameSides()
    {
        var rows = Rows;
        int[] order = [.. Enumerable.Range(0, rows.RowCount)];
        new Random(3).Shuffle(order);
        var sides = Assign(rows, rows.RowCount);

        Assert.That(Assign(rows.Take(order), 7), Is.EqualTo(order.Select(row => sides[row])));
    }

    /// <summary>Every side is written, whatever the memory held before.</summary>
    [Test]
    public void Assign_Sides_AreAllWritten()
    {
        var rows = Rows;

        Assert.That(Assign(rows, rows.RowCount, (SplitSide)99), Is.EqualTo(Assign(rows, rows.RowCount)));
    }

    /// <summary>
    /// The rule for folds is the same each time, and names what the rows have: a Timestamp column for folds by
    /// time, a key for folds by group.
    /// </summary>
    [Test]
    public void Folds_Rule_FitsTheRows()
    {
        var splitter = Create();
        var rule = splitter.Folds;

        Assert.That(Create().Folds, Is.EqualTo(rule));
        Assert.That(rule.Kind, Is.AnyOf(FoldKind.Stratified, FoldKind.Grouped, FoldKind.Temporal));
        Assert.That(rule.Gap, Is.AtLeast(TimeSpan.Zero));
        if (rule.Kind == FoldKind.Grouped) Assert.That(splitter.Key, Is.Not.Empty, "Rows of one key are a group.");
        if (rule.Kind == FoldKind.Temporal)
        {
            Assert.That(Rows.Schema.FirstOrDefault(field => field.Name == rule.Column)?.Type, Is.EqualTo(ColumnType.Timestamp));
        }
    }

    private SplitSide[] Assign(RecordBatch rows, int size, SplitSide before = SplitSide.Train)
    {
        var splitter = Create();
        var assignment = splitter.Begin(rows.Schema);
        var batches = Enumerable.Range(0, (rows.RowCount + size - 1) / size)
            .Select(i => Cells.Slice(rows, i * size, Math.Min(size, rows.RowCount - i * size)))
            .ToArray();
        foreach (var batch in batches) assignment.Observe(batch);
        var sides = new List<SplitSide>();
        foreach (var batch in batches)
        {
            var assigned = new SplitSide[batch.RowCount];
            assigned.AsSpan().Fill(before);
            assignment.Assign(
                batch, Array.ConvertAll(Cells.Keys(batch, splitter.Key, SampleRows.Label), key => new RowKey(key.High, key.Low)), assigned);
            sides.AddRange(assigned);
        }

        return [.. sides];
    }
}
