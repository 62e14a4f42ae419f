using MlOps.Sdk.Collection;
using MlOps.Sdk.Processing;

namespace MlOps.Sdk;

/// <summary>Expectations of rows that stay in their warehouse.</summary>
public static class WarehouseProcessingExtensions
{
    /// <summary>
    /// Checks expectations of a table where it is, with the verdicts that stage 3 gives on the same rows. Ranges, lists, missing values,
    /// duplicates, lengths and comparisons of columns are counted in SQL; what SQL does not know, such as patterns of .NET, is checked here
    /// on each distinct value once. Rows that fail are counted, not shown.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="expect">Says what is expected: <c>check => check.Expect(rows => rows.Column("tenure").Between(0, 120))</c>.</param>
    /// <param name="cancellationToken">Cancels the statement that runs, and those that would follow.</param>
    /// <returns>A result per expectation, in their order; <see cref="ExpectationResult.Met"/> is the verdict.</returns>
    /// <exception cref="MlOpsException">
    /// The table cannot be read or lacks a column, rows changed meanwhile, or an expectation cannot be checked without the order of rows.
    /// </exception>
    public static async Task<IReadOnlyList<ExpectationResult>> CheckAsync(
        this WarehouseTable table, Action<TableExpectations> expect, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(expect);
        var expectations = new TableExpectations();
        expect(expectations);
        if (expectations.Rules.Count == 0) throw new ArgumentException("Expect at least one thing.", nameof(expect));
        var reading = await TableReading.OpenAsync(table, cancellationToken).ConfigureAwait(false);
        await using (reading.ConfigureAwait(false))
        {
            var results = await new TableChecks(reading, cancellationToken).CheckAsync(expectations.Rules).ConfigureAwait(false);
            await reading.RequireUnchangedAsync(cancellationToken).ConfigureAwait(false);
            return results;
        }
    }

    /// <summary>
    /// Splits a table where it is, row by row as <see cref="SplitExtensions.SplitPortably"/> splits the same rows in a lifecycle. Nothing
    /// is written: each side is a query over the table, to be profiled, compared, or read as a source. Rows that earlier runs of the
    /// lifecycle sealed are not known here.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="lifecycle">The name of the lifecycle: it makes keys differ from those of another.</param>
    /// <param name="test">The share to hold out, between 0 and 1.</param>
    /// <param name="key">The columns that identify a row, at least one: of whole numbers, texts, booleans or times.</param>
    /// <param name="cancellationToken">Cancels the counting.</param>
    /// <exception cref="MlOpsException">
    /// The table cannot be read, lacks a column, a column cannot be hashed, or a row has no value in its key.
    /// </exception>
    public static async Task<TableSplit> SplitAsync(
        this WarehouseTable table,
        string lifecycle,
        double test,
        IReadOnlyList<string> key,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentException.ThrowIfNullOrEmpty(lifecycle);
        ArgumentNullException.ThrowIfNull(key);
        if (key.Count == 0) throw new ArgumentException("Name the columns that identify a row.", nameof(key));
        SplitExtensions.Share(test);
        var reading = await TableReading.OpenAsync(table, cancellationToken).ConfigureAwait(false);
        await using (reading.ConfigureAwait(false))
        {
            PortableKey.Require(reading.Schema, key, "The split");
            var split = await TableSides.AskAsync(
                reading, lifecycle, test, PortableKey.Ordered(key), cancellationToken).ConfigureAwait(false);
            await reading.RequireUnchangedAsync(cancellationToken).ConfigureAwait(false);
            return split;
        }
    }
}
