using System.Globalization;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>Looks at the first rows of a table, in no order.</summary>
internal static class FirstRows
{
    /// <summary>What looks like personal data among the texts and whole numbers of the first rows.</summary>
    /// <param name="reading">The table.</param>
    /// <param name="all">How many rows it has.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<IReadOnlyList<PersonalFinding>> FindPersonalAsync(
        TableReading reading, long all, CancellationToken cancellationToken)
    {
        TableColumn[] columns = [.. reading.Columns.Where(column => column.Type is ColumnType.Text or ColumnType.Integer)];
        if (columns.Length == 0) return [];
        PersonalDetector[] detectors = [.. columns.Select(column => new PersonalDetector(reading.Schema[column.Name]))];
        ColumnBuilder[] builders = [.. columns.Select(column => ColumnBuilder.Create(column.Type, 0))];
        var rows = 0L;
        var values = string.Join(", ", columns.Select((column, i) => $"{column.Value} AS {Name(i)}"));
        await reading.ReadAsync(
            "first rows",
            string.Create(CultureInfo.InvariantCulture, $"SELECT {values} {reading.From} LIMIT {PersonalDetector.MostValues}"),
            row =>
            {
                rows++;
                for (var i = 0; i < builders.Length; i++)
                {
                    if (row[i] is DBNull) builders[i].AppendNull();
                    else if (builders[i] is TextColumnBuilder texts) texts.Append((string)row[i]);
                    else ((IntegerColumnBuilder)builders[i]).Append(TableReading.Long(row[i]));
                }
            },
            cancellationToken).ConfigureAwait(false);
        if (rows != Math.Min(all, PersonalDetector.MostValues)) throw reading.Changed();
        for (var i = 0; i < columns.Length; i++)
        {
            var column = builders[i].Build();
            for (var row = 0; row < column.Length; row++) detectors[i].Add(column, row);
        }

        return [.. detectors.SelectMany(detector => detector.Findings())];
    }

    private static string Name(int column) => string.Create(CultureInfo.InvariantCulture, $"mlops_v{column}");
}
