using MlOps.Sdk.Data;
using MlOps.Sdk.Exploration;
using NUnit.Framework;

namespace MlOps.Sdk.Testing;

/// <summary>What every <see cref="IHypothesis"/> promises. Derive a fixture from it for each hypothesis.</summary>
[TestFixture]
public abstract class HypothesisContract
{
    /// <summary>Rows that the claim can be tested on, at least 100. Default: 400 of <see cref="SampleRows"/>.</summary>
    protected virtual Dataset Rows => SampleRows.Create(400);

    /// <summary>Makes the hypothesis.</summary>
    protected abstract IHypothesis Create();

    /// <summary>
    /// The result is the same each time, from several threads, and is complete: a p-value between 0 and 1, an effect, a verdict in words.
    /// </summary>
    [Test]
    public void Test_Again_SameCompleteResult()
    {
        var hypothesis = Create();
        var rows = Rows;
        var result = hypothesis.Test(rows);
        var found = new HypothesisResult[8];
        Parallel.For(0, found.Length, i => found[i] = hypothesis.Test(rows));

        Assert.That(hypothesis.Name, Is.Not.Null.And.Not.Empty);
        Assert.That(result.Name, Is.EqualTo(hypothesis.Name));
        Assert.That(result.Test.PValue, Is.InRange(0.0, 1.0));
        Assert.That(result.Effect, Is.Not.NaN);
        Assert.That(result.Sentence, Is.Not.Null.And.Not.Empty);
        Assert.That(result.AdjustedPValue, Is.NaN, "The correction is made over all hypotheses, by the stage.");
        Assert.That(
            found.Select(other => (other.Test.PValue, other.Effect, other.Verdict, other.Sentence)),
            Is.All.EqualTo((result.Test.PValue, result.Effect, result.Verdict, result.Sentence)));
    }

    /// <summary>The order of the rows does not matter.</summary>
    [Test]
    public void Test_RowsInAnotherOrder_SameResult()
    {
        var rows = Rows;
        int[] order = [.. Enumerable.Range(0, rows.RowCount)];
        new Random(3).Shuffle(order);

        var (first, second) = (Create().Test(rows), Create().Test(rows.Take(order)));

        Assert.That(second.Verdict, Is.EqualTo(first.Verdict));
        Assert.That(second.Test.PValue, Is.EqualTo(first.Test.PValue).Within(1e-9));
        Assert.That(second.Effect, Is.EqualTo(first.Effect).Within(1e-9 * Math.Max(1, Math.Abs(first.Effect))));
    }

    /// <summary>From no row and from one, nothing is concluded.</summary>
    [TestCase(0)]
    [TestCase(1)]
    public void Test_TooFewRows_SaysSo(int count)
    {
        var result = Create().Test(Rows.Take([.. Enumerable.Range(0, count)]));

        Assert.That(result.Verdict, Is.EqualTo(Verdict.NotEnoughData));
        Assert.That(result.Sentence, Is.Not.Null.And.Not.Empty);
    }

    /// <summary>Rows without the columns that the claim is about are rejected with a remedy.</summary>
    [Test]
    public void Test_MissingColumns_AreRefused()
    {
        var builder = new RecordBatchBuilder(new Schema(new Field("something else", ColumnType.Number)));
        for (var row = 0; row < 50; row++) ((NumberColumnBuilder)builder[0]).Append(row);

        Assert.That(
            () => Create().Test(Dataset.FromBatches(builder.Schema, [builder.Build()])),
            Throws.InstanceOf<MlOpsException>().With.Property(nameof(MlOpsException.Remedy)).Not.Null);
    }
}
