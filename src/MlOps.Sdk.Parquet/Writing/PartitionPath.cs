using System.Globalization;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>The folders of a row, as Hive names them: <c>year=2024/city=S%C3%A3o Paulo</c>.</summary>
internal sealed class PartitionPath(IReadOnlyList<string> columns, string sink)
{
    private const string NoValue = "__HIVE_DEFAULT_PARTITION__";

    // Those that Hive escapes, those that Windows forbids, and what ends a name there.
    private const string Escaped = "\"#%'*/:=?\\{[]^<>|\u007F";

    /// <summary>The columns that are in the files: those that are not in their paths.</summary>
    /// <exception cref="MlOpsException">A column of the partition is missing, of another type, or no column is left.</exception>
    public static Schema FilesOf(Schema schema, IReadOnlyList<string> columns, string sink)
    {
        foreach (var column in columns) Check(schema, column, sink);
        var files = new Schema(schema.Where(field => !columns.Contains(field.Name)));
        return files.Count > 0 ? files : throw new MlOpsException(
            "All columns are in the paths of the files, so that these would have none.",
            "Partition by fewer columns.") { DataSource = sink };
    }

    /// <exception cref="MlOpsException">A text cannot be the name of a folder.</exception>
    public string Of(RecordBatch batch, int row)
    {
        var path = new StringBuilder();
        foreach (var name in columns)
        {
            if (path.Length > 0) path.Append('/');
            Append(path, name);
            path.Append('=');
            var column = batch[name];
            if (column.IsNull(row)) path.Append(NoValue);
            else if (column is IntegerColumn whole) path.Append(CultureInfo.InvariantCulture, $"{whole.Values[row]}");
            else Append(path, Text(column, row, name));
        }

        return path.ToString();
    }

    private static void Check(Schema schema, string column, string sink)
    {
        if (!schema.Contains(column))
        {
            var missing = NearestName.MissingColumn(column, "The partition", schema);
            throw new MlOpsException(missing.Problem, missing.Remedy) { DataSource = sink, Column = column };
        }
        if (schema[column].Type is not (ColumnType.Integer or ColumnType.Text))
        {
            throw new MlOpsException(
                $"A table cannot be partitioned by the column '{PrintableText.Shorten(column)}', which is {schema[column].Type}.",
                "Partition by a column of whole numbers or texts, for example the year or the date as text.")
            {
                DataSource = sink,
                Column = column,
            };
        }
    }

    private string Text(Column column, int row, string name) => column.GetText(row) is { Length: > 0 } text && text != NoValue
        ? text
        : throw new MlOpsException(
            $"A text of the column '{PrintableText.Shorten(name)}' is empty or {NoValue}, which is how paths write a missing value.",
            "Replace the text, or write the rows without a value.") { DataSource = sink, Column = name };

    private static void Append(StringBuilder path, string text)
    {
        foreach (var (i, character) in text.Index())
        {
            var isLast = i == text.Length - 1 && character is '.' or ' ';
            if (!char.IsControl(character) && !Escaped.Contains(character) && !isLast)
            {
                path.Append(character);
                continue;
            }
            foreach (var octet in Encoding.UTF8.GetBytes([character])) path.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
        }
    }
}
