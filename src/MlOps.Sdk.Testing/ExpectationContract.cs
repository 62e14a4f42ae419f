using MlOps.Sdk.Data;
using MlOps.Sdk.Processing;
using NUnit.Framework;

namespace MlOps.Sdk.Testing;

/// <summary>What every <see cref="IExpectation"/> promises. Derive a fixture from it for each expectation.</summary>
[TestFixture]
public abstract class ExpectationContract
{
    /// <summary>Rows that fulfil the expectation, at least one.</summary>
    protected abstract RecordBatch Passing { get; }

    /// <summary>Rows that do not fulfil it: some rows fail, or the rows as a whole.</summary>
    protected abstract RecordBatch Failing { get; }

    /// <summary>Whether the expectation reads columns, so that rows without them are rejected. Default: yes.</summary>
    protected virtual bool ReadsColumns => true;

    /// <summary>Makes the expectation.</summary>
    protected abstract IExpectation Create();

    /// <summary>Equal expectations describe themselves equally: the description is part of a run's fingerprint.</summary>
    [Test]
    public void Describe_EqualExpectations_SayTheSame()
    {
        var (first, second) = (Create(), Create());

        Assert.That(first.Name, Is.Not.Null.And.Not.Empty.And.EqualTo(second.Name));
        Assert.That(first.Description, Is.Not.Null.And.Not.Empty.And.EqualTo(second.Description));
    }

    /// <summary>Rows that fulfil the expectation pass, and others do not.</summary>
    [Test]
    public async Task Check_PassingAndFailingRows_AreToldApart()
    {
        var (passed, failed) = (
            await CheckAsync(Passing, Passing.RowCount).ConfigureAwait(false),
            await CheckAsync(Failing, Math.Max(1, Failing.RowCount)).ConfigureAwait(false));

        Assert.That(passed.Failed, Has.None.True);
        Assert.That(passed.Whole, Is.Null);
        Assert.That(failed.Failed.Contains(true) || failed.Whole is not null, Is.True, "Failing rows must fail.");
    }

    /// <summary>The size of the batches does not matter, and a pass knows nothing of an earlier one.</summary>
    [TestCase(1)]
    [TestCase(3)]
    public async Task Check_OtherBatches_SameFailures(int size)
    {
        foreach (var rows in new[] { Passing, Failing })
        {
            var (whole, parts) = (
                await CheckAsync(rows, Math.Max(1, rows.RowCount)).ConfigureAwait(false),
                await CheckAsync(rows, size).ConfigureAwait(false));
            Assert.That(parts.Failed, Is.EqualTo(whole.Failed));
            Assert.That(parts.Whole, Is.EqualTo(whole.Whole));
        }
    }

    /// <summary>A failed row can be shown, and the rows are not changed.</summary>
    [Test]
    public async Task Show_FailedRows_ChangesNothing()
    {
        var rows = Failing;
        var before = Cells.Of(rows);
        var check = Create().Begin(rows.Schema);
        await check.PrepareAsync(default).ConfigureAwait(false);
        var failed = new bool[rows.RowCount];
        check.Check(rows, failed);
        for (var row = 0; row < failed.Length; row++)
        {
            if (failed[row]) Assert.That(() => check.Show(rows, row), Throws.Nothing);
        }

        Assert.That(Cells.Of(rows), Is.EqualTo(before));
    }

    /// <summary>Rows without the columns that are read are rejected before any is checked.</summary>
    [Test]
    public void Begin_MissingColumns_AreRefused()
    {
        if (!ReadsColumns) return;
        Assert.That(
            () => Create().Begin(new Schema(new Field("something else", ColumnType.Number))),
            Throws.InstanceOf<MlOpsException>().With.Property(nameof(MlOpsException.Remedy)).Not.Null);
    }

    private async Task<(bool[] Failed, string? Whole)> CheckAsync(RecordBatch rows, int size)
    {
        var check = Create().Begin(rows.Schema);
        await check.PrepareAsync(default).ConfigureAwait(false);
        var failed = new List<bool>();
        for (var start = 0; start < rows.RowCount; start += size)
        {
            var batch = Cells.Slice(rows, start, Math.Min(size, rows.RowCount - start));
            var ofBatch = new bool[batch.RowCount];
            check.Check(batch, ofBatch);
            failed.AddRange(ofBatch);
        }

        return ([.. failed], check.Complete());
    }
}
