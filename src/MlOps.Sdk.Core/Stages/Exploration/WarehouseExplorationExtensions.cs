using MlOps.Sdk.Collection;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk;

/// <summary>Profiles of rows that stay in their warehouse.</summary>
public static class WarehouseExplorationExtensions
{
    private const int FrequentTexts = 10;

    /// <summary>
    /// Profiles a table where it is. Counts, missing and infinite values, smallest and largest ones, moments (to rounding), and the counts
    /// of frequent texts are exact; quantiles are within the rank error that <see cref="QuantileSketch"/> states. Distinct values are
    /// counted up to about a million of them; above that, by the database's own estimate where it has one, which on DuckDB has a standard
    /// deviation of about 15 %. Of columns with more than 100,000 different texts, or 64 MB of them, the characters are those of a sample
    /// of texts, and a frequent text is one that at least each 256th row has.
    /// Personal data is looked for in the first 10,000 rows.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="cancellationToken">Cancels the statement that runs, and those that would follow.</param>
    /// <returns>The profile. It has no sketches, so it cannot be merged with another.</returns>
    /// <exception cref="MlOpsException">
    /// The table cannot be read, a column's type is not supported, or rows changed meanwhile.
    /// </exception>
    public static async Task<DatasetProfile> ProfileAsync(this WarehouseTable table, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(table);
        var reading = await TableReading.OpenAsync(table, cancellationToken).ConfigureAwait(false);
        await using (reading.ConfigureAwait(false))
        {
            var facts = await TableFacts.AskAsync(reading, reading.Columns, FactParts.All, cancellationToken).ConfigureAwait(false);
            var personal = await FirstRows.FindPersonalAsync(reading, facts[0].Rows, cancellationToken).ConfigureAwait(false);
            await reading.RequireUnchangedAsync(cancellationToken).ConfigureAwait(false);
            return DatasetProfile.Of([.. facts.Select(SummaryOf)], personal) with
            {
                Source = table.Name,
                ReadAt = TimeProvider.System.GetUtcNow(),
            };
        }
    }

    private static ColumnSummary SummaryOf(ColumnFacts facts) => ColumnSummary.Of(facts.Column.Name, facts.Profile()) with
    {
        Distinct = facts.Distinct,
        IsUnique = facts.Column.Type is ColumnType.Text or ColumnType.Integer && facts.Finite > 0 && facts.IsDistinctExact
            ? facts.Distinct == facts.Finite
            : null,
        NotANumber = facts.NotNumbers,
        Frequent =
        [
            .. (facts.Texts?.Frequent ?? []).Take(FrequentTexts).Select(text => new FrequentItem(text.Key, text.Value, text.Value)),
        ],
    };
}
