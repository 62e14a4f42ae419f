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
    /// The table cannot be read or lacks a column, or an expectation cannot be checked without the order of rows.
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
            return await new TableChecks(reading, cancellationToken).CheckAsync(expectations.Rules).ConfigureAwait(false);
        }
    }
}
