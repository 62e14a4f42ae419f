using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>The columns that the files of a folder have together.</summary>
/// <param name="Schema">The columns requested.</param>
/// <param name="Files">Those that stand in the files; at least one, also when none is requested, to count the rows.</param>
/// <param name="AllFiles">All that stand in the files, requested or not.</param>
/// <param name="Partition">Those of the paths, requested or not.</param>
internal sealed record FolderTable(Schema Schema, Schema Files, Schema AllFiles, Schema Partition)
{
    private const int DateDigits = 2;

    /// <summary>Joins the columns and types of all files, and those of their paths behind them.</summary>
    /// <param name="parts">The files; at least one where nothing was read before.</param>
    /// <param name="wanted">The columns that are requested; <see langword="null"/> for all.</param>
    /// <param name="name">The folder, for messages.</param>
    /// <param name="earlier">The columns of files that were read before and are not looked at again.</param>
    /// <exception cref="MlOpsException">A file has other columns; it is named, and the column.</exception>
    public static FolderTable Join(
        IReadOnlyList<FolderPart> parts, IReadOnlyList<string>? wanted, string name, (Schema Files, Schema Partition)? earlier = null)
    {
        var files = JoinFiles(earlier is null || parts.Count == 0 ? parts : [Known(earlier.Value.Files, parts[0]), .. parts])
            ?? earlier!.Value.Files;
        var partition = JoinPartitions(parts, earlier?.Partition);
        if (partition.FirstOrDefault(field => files.Contains(field.Name)) is { } both)
        {
            throw new MlOpsException(
                $"The column '{both.Name}' is in the files and in their paths.",
                "Rename the folders, or give the files a schema without the column.")
            {
                DataSource = parts.Count > 0 ? parts[0].Name : name,
                Column = both.Name,
            };
        }
        var all = new Schema([.. files, .. partition]);
        var schema = wanted is null
            ? all
            : new Schema(wanted.Select(column => all.Contains(column) ? all[column] : throw FileInspection.Missing(column, all, name)));
        var ofFiles = new Schema(schema.Where(field => files.Contains(field.Name)));
        return new FolderTable(schema, ofFiles.Count > 0 ? ofFiles : new Schema(files[0]), files, partition);
    }

    // Types that were found before are joined with those that are found now, as if all files had been looked at.
    private static FolderPart Known(Schema earlier, FolderPart like) => new(
        "what was read before", earlier, new ContentVersion(""), 0, _ => throw new NotSupportedException())
    {
        FoundTypes = like.FoundTypes is null ? null : [.. earlier.Select(field => (ColumnType?)field.Type)],
        MayLackColumns = like.MayLackColumns,
    };

    private static Schema? JoinFiles(IReadOnlyList<FolderPart> parts)
    {
        if (parts.Count == 0) return null;
        var names = new List<string>();
        var columns = new Dictionary<string, (Field Field, ColumnType? Type, bool IsFound)>(StringComparer.Ordinal);
        foreach (var part in parts)
        {
            foreach (var (i, field) in part.Schema.Index())
            {
                var type = part.FoundTypes is { } types ? types[i] : field.Type;
                if (!columns.TryGetValue(field.Name, out var known))
                {
                    if (names.Count > 0 && part != parts[0] && !part.MayLackColumns)
                    {
                        throw Differs(part, field.Name, $"The file has a column '{field.Name}', which '{parts[0].Name}' does not have.");
                    }
                    names.Add(field.Name);
                    columns.Add(field.Name, (field, type, part.FoundTypes is not null));
                }
                else if (known.IsFound && part.FoundTypes is not null)
                {
                    columns[field.Name] = known with { Type = ColumnTypeInference.Join(known.Type, type) };
                }
                else if (known.Field != field)
                {
                    throw Differs(
                        part,
                        field.Name,
                        $"The column '{field.Name}' is {field.Type} in the file and {known.Field.Type} in '{parts[0].Name}'.");
                }
            }

            if (part.MayLackColumns) continue;
            if (names.FirstOrDefault(column => !part.Schema.Contains(column)) is { } missing)
            {
                throw Differs(part, missing, $"The file has no column '{missing}', which '{parts[0].Name}' has.");
            }
        }

        return new Schema(names.Select(
            column => columns[column].IsFound ? new Field(column, columns[column].Type ?? ColumnType.Text) : columns[column].Field));
    }

    private static Schema JoinPartitions(IReadOnlyList<FolderPart> parts, Schema? earlier)
    {
        if (parts.Count == 0) return earlier!;
        var names = parts[0].Partition.Select(partition => partition.Column).ToArray();
        if (earlier is not null && !names.SequenceEqual(earlier.Select(field => field.Name)))
        {
            throw Differs(
                parts[0], null, $"The path of '{parts[0].Name}' has other columns ({Show(parts[0])}) than those that were read before.");
        }
        if (parts.FirstOrDefault(part => !part.Partition.Select(partition => partition.Column).SequenceEqual(names)) is { } other)
        {
            throw Differs(
                other,
                null,
                $"The paths of two files have different columns: '{parts[0].Name}' ({Show(parts[0])}) and '{other.Name}' ({Show(other)}).");
        }
        return new Schema(names.Select((column, i) => new Field(column, IsWhole(i) ? ColumnType.Integer : ColumnType.Text)));

        // Without any value, what is known from before counts, or what the files say.
        bool IsWhole(int i) => (earlier is null || earlier[i].Type == ColumnType.Integer)
            && parts.All(part => part.Partition[i].Value is not { } value || IsInteger(value, TypeOf(part, i)))
            && (earlier is not null
                || parts.Any(part => part.Partition[i].Value is not null || TypeOf(part, i) is ColumnType.Integer));

        ColumnType? TypeOf(FolderPart part, int i) => part.PartitionTypes.TryGetValue(names[i], out var type) ? type : null;

        static string Show(FolderPart part) =>
            part.Partition.Count == 0 ? "none" : string.Join(", ", part.Partition.Select(partition => partition.Column));
    }

    // Months, days and hours are written with a leading zero; longer numbers with one are codes, which an integer would not give back.
    private static bool IsInteger(string value, ColumnType? type) =>
        (type is null or ColumnType.Integer)
        && FieldText.TryInteger(System.Text.Encoding.UTF8.GetBytes(value), out _)
        && value[0] != '+'
        && (type is not null || value[0] != '0' && !value.StartsWith("-0", StringComparison.Ordinal) || value.Length <= DateDigits);

    private static MlOpsException Differs(FolderPart part, string? column, string problem) =>
        new(problem, "Give the files of a folder the same columns, or read those that differ as a separate source.")
        {
            DataSource = part.Name,
            Column = column
        };
}
