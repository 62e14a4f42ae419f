using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Testing;

/// <summary>
/// What every <see cref="IDataSink"/> and its <see cref="IDataWriter"/> promise. Derive a fixture from it for each sink; it writes the
/// columns <c>id</c> (Integer), <c>amount</c> (Number), <c>name</c> (Text), <c>member</c> (Boolean) and <c>since</c> (Timestamp).
/// </summary>
[TestFixture]
public abstract class DataSinkContract
{
    private static readonly Schema Columns = new(
        new Field("id", ColumnType.Integer),
        new Field("amount", ColumnType.Number),
        new Field("name", ColumnType.Text),
        new Field("member", ColumnType.Boolean),
        new Field("since", ColumnType.Timestamp));

    // Texts that a format or a language may take for its own.
    private static readonly string?[] Names =
    [
        "plain", null, "", " spaced ", "comma, quote \" and\nline", "'); DROP TABLE t; --", "semi;colon\ttab\r\n",
        "naïve Ω 𝄞", "007", "null",
    ];

    private static readonly double[] Amounts =
    [
        0.1, 1.0 / 3, -123_456.75, 5e-324, double.MaxValue, 1e21, 0, 9_007_199_254_740_993, -1e-7, Math.PI,
    ];

    /// <summary>
    /// Makes the sink that is tested: each call gives a sink of the same place, which is empty when the test begins.
    /// </summary>
    protected abstract IDataSink Create();

    /// <summary>
    /// Reads what the place of <see cref="Create"/> holds, with the columns of the schema in its order; <see langword="null"/> when nothing
    /// was ever completed there.
    /// </summary>
    /// <param name="schema">The columns as they were written.</param>
    protected abstract ValueTask<Dataset?> ReadAsync(Schema schema);

    /// <summary>Whether a table that is written takes the place of one before; else its rows are added. Default: it does.</summary>
    protected virtual bool Replaces => true;

    /// <summary>The rows of all batches are there once the table is completed: every value, what is missing, and in order.</summary>
    [Test]
    public async Task CompleteAsync_SeveralBatches_AreThereToTheLastBit()
    {
        RecordBatch[] batches = [Rows(0, 700), Rows(700, 1), Rows(701, 0), Rows(701, 450)];

        await WriteAsync(batches).ConfigureAwait(false);

        Assert.That(Create().Name, Is.Not.Null.And.Not.Empty);
        Assert.That(await ReadRowsAsync().ConfigureAwait(false), Is.EqualTo(batches.SelectMany(Cells.Of)));
    }

    /// <summary>A table without rows can be written.</summary>
    [Test]
    public async Task CompleteAsync_NoRows_LeavesATableWithoutRows()
    {
        await WriteAsync([]).ConfigureAwait(false);

        Assert.That(await ReadRowsAsync().ConfigureAwait(false), Is.Empty);
    }

    /// <summary>What was not completed leaves nothing behind, whether nothing or something was there before.</summary>
    [Test]
    public async Task DisposeAsync_NotCompleted_LeavesWhatWasThere()
    {
        await AbandonAsync().ConfigureAwait(false);
        var nothing = await ReadAsync(Columns).ConfigureAwait(false);
        await WriteAsync([Rows(0, 5)]).ConfigureAwait(false);
        await AbandonAsync().ConfigureAwait(false);

        Assert.That(nothing?.RowCount ?? 0, Is.Zero);
        Assert.That(await ReadRowsAsync().ConfigureAwait(false), Is.EqualTo(Cells.Of(Rows(0, 5))));
    }

    /// <summary>Written again, the table takes the place of the one before, or its rows are added.</summary>
    [Test]
    public async Task CompleteAsync_RowsAreThereAlready_ReplacesOrAdds()
    {
        await WriteAsync([Rows(0, 5)]).ConfigureAwait(false);
        await WriteAsync([Rows(10, 3)]).ConfigureAwait(false);

        Assert.That(
            await ReadRowsAsync().ConfigureAwait(false),
            Is.EqualTo(Replaces ? Cells.Of(Rows(10, 3)) : [.. Cells.Of(Rows(0, 5)), .. Cells.Of(Rows(10, 3))]));
    }

    /// <summary>Cancelled, opening, writing and completing end with <see cref="OperationCanceledException"/> and leave nothing
    /// behind.</summary>
    [Test]
    public async Task EveryCall_Cancelled_ThrowsAndLeavesNothing()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync().ConfigureAwait(false);

        Assert.That(
            async () => await Create().OpenAsync(Columns, cancelled.Token).ConfigureAwait(false),
            Throws.InstanceOf<OperationCanceledException>());
        var writer = await Create().OpenAsync(Columns).ConfigureAwait(false);
        await using (writer.ConfigureAwait(false))
        {
            await writer.WriteAsync(Rows(0, 5)).ConfigureAwait(false);
            Assert.That(
                async () => await writer.CompleteAsync(cancelled.Token).ConfigureAwait(false),
                Throws.InstanceOf<OperationCanceledException>());
            Assert.That(
                async () => await writer.WriteAsync(Rows(5, 5), cancelled.Token).ConfigureAwait(false),
                Throws.InstanceOf<OperationCanceledException>());
        }

        Assert.That((await ReadAsync(Columns).ConfigureAwait(false))?.RowCount ?? 0, Is.Zero);
    }

    /// <summary>A batch of other columns is rejected, and a completed table takes nothing more.</summary>
    [Test]
    public async Task WriteAsync_OtherColumnsOrCompleted_IsRefused()
    {
        var fewer = new RecordBatch(new Schema(Columns[0]), [Rows(0, 2).Columns[0]]);
        var writer = await Create().OpenAsync(Columns).ConfigureAwait(false);
        await using (writer.ConfigureAwait(false))
        {
            Assert.That(async () => await writer.WriteAsync(fewer).ConfigureAwait(false), Throws.ArgumentException);
            await writer.WriteAsync(Rows(0, 2)).ConfigureAwait(false);
            await writer.CompleteAsync().ConfigureAwait(false);

            Assert.That(async () => await writer.WriteAsync(Rows(2, 2)).ConfigureAwait(false), Throws.InvalidOperationException);
            Assert.That(async () => await writer.CompleteAsync().ConfigureAwait(false), Throws.InvalidOperationException);
        }

        Assert.That(await ReadRowsAsync().ConfigureAwait(false), Is.EqualTo(Cells.Of(Rows(0, 2))));
    }

    /// <summary>A vector is written, or rejected by the name of its column before anything is.</summary>
    [Test]
    public async Task OpenAsync_Vector_IsKeptOrRefusedByName()
    {
        var schema = new Schema(new Field("place", ColumnType.Vector, 2));
        var builder = new VectorColumnBuilder(2);
        builder.Append([0.1f, -2]);
        builder.AppendNull();
        var batch = new RecordBatch(schema, [builder.Build()]);
        IDataWriter writer;
        try
        {
            writer = await Create().OpenAsync(schema).ConfigureAwait(false);
        }
        catch (MlOpsException e)
        {
            Assert.That(e.Message, Does.Contain("place"));
            return;
        }

        await using (writer.ConfigureAwait(false))
        {
            await writer.WriteAsync(batch).ConfigureAwait(false);
            await writer.CompleteAsync().ConfigureAwait(false);
        }

        Assert.That(Cells.Of((await ReadAsync(schema).ConfigureAwait(false))!), Is.EqualTo(Cells.Of(batch)));
    }

    private static RecordBatch Rows(int start, int count)
    {
        var rows = new RecordBatchBuilder(Columns);
        for (var i = start; i < start + count; i++)
        {
            ((IntegerColumnBuilder)rows[0]).Append(i % 11 == 0 ? long.MinValue + i : i);
            if (i % 7 == 3) rows[1].AppendNull();
            else ((NumberColumnBuilder)rows[1]).Append(Amounts[i % Amounts.Length]);
            ((TextColumnBuilder)rows[2]).Append(Names[i % Names.Length]);
            if (i % 5 == 4) rows[3].AppendNull();
            else ((BooleanColumnBuilder)rows[3]).Append(i % 2 == 0);
            if (i % 6 == 5) rows[4].AppendNull();
            else ((TimestampColumnBuilder)rows[4]).Append(new DateTime(2024, 2, 29, 23, 59, 59, DateTimeKind.Utc).AddTicks(i * 12_340L));
        }

        return rows.Build();
    }

    private async Task WriteAsync(RecordBatch[] batches)
    {
        var writer = await Create().OpenAsync(Columns).ConfigureAwait(false);
        await using (writer.ConfigureAwait(false))
        {
            foreach (var batch in batches) await writer.WriteAsync(batch).ConfigureAwait(false);
            await writer.CompleteAsync().ConfigureAwait(false);
        }
    }

    private async Task AbandonAsync()
    {
        var writer = await Create().OpenAsync(Columns).ConfigureAwait(false);
        await using (writer.ConfigureAwait(false)) await writer.WriteAsync(Rows(20, 300)).ConfigureAwait(false);
    }

    private async Task<string[]> ReadRowsAsync()
    {
        var rows = await ReadAsync(Columns).ConfigureAwait(false);
        Assert.That(rows, Is.Not.Null, "Nothing is there.");
        return Cells.Of(rows!);
    }
}
