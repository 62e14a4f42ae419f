using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>What the inspection of a file found.</summary>
/// <param name="Layout">Its columns and row groups.</param>
/// <param name="Columns">The columns that are read.</param>
/// <param name="Filters">Which of its rows are read.</param>
/// <param name="Version">What identifies its content and the rows that are read of it.</param>
/// <param name="Stamp">Length and time of the file, to notice a change.</param>
/// <param name="Reading">How much it may unpack to.</param>
internal sealed record ParquetTable(
    FileLayout Layout,
    IReadOnlyList<ParquetColumn> Columns,
    IReadOnlyList<RowFilter> Filters,
    ContentVersion Version,
    (long Length, DateTime Time) Stamp,
    ParquetReading Reading)
{
    public Schema Schema => new(Columns.Select(column => column.Field));

    /// <summary>The same table with fewer columns, in another order.</summary>
    public ParquetTable Of(Schema schema) => this with
    {
        Columns = [.. schema.Select(field => Columns.First(column => column.Field.Name == field.Name))],
    };

    /// <summary>The row groups that may have rows in all ranges.</summary>
    public IEnumerable<RowGroupLayout> Groups =>
        Layout.Groups.Where(group => group.Rows > 0 && Filters.All(filter => filter.MayMatch(group)));
}
