using System.Globalization;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>Looks at the first rows of a table, in no order.</summary>
internal static class FirstRows
{
    /// <summary>What looks like personal data among the texts and whole numbers of the first rows.</summary>
    public static async Task<IReadOnlyList<PersonalFinding>> FindPersonalAsync(TableReading reading, CancellationToken cancellationToken)
    {
        TableColumn[] columns = [.. reading.Columns.Where(column => column.Type is ColumnType.Text or ColumnType.Integer)];
        if (columns.Length == 0) return [];
        PersonalDetector[] detectors = [.. columns.Select(column => new PersonalDetector(reading.Schema[column.Name]))];
        ColumnBuilder[] builders = [.. columns.Select(column => ColumnBuilder.Create(column.Type, 0))];
        var values = string.Join(", ", columns.Select((column, i) => $"{column.Value} AS {Name(i)}"));
        await reading.ReadAsync(
            "first rows",
            string.Create(CultureInfo.InvariantCulture, $"SELECT {values} {reading.From} LIMIT {PersonalDetector.MostValues}"),
            row =>
            {
                for (var i = 0; i < builders.Length; i++)
                {
                    if (row[i] is DBNull) builders[i].AppendNull();
                    else if (builders[i] is TextColumnBuilder texts) texts.Append((string)row[i]);
                    else ((IntegerColumnBuilder)builders[i]).Append(TableReading.Long(row[i]));
                }
            },
            cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < columns.Length; i++)
        {
            var column = builders[i].Build();
            for (var row = 0; row < column.Length; row++) detectors[i].Add(column, row);
        }

        return [.. detectors.SelectMany(detector => detector.Findings())];
    }

    private static string Name(int column) => string.Create(CultureInfo.InvariantCulture, $"mlops_v{column}");
}
