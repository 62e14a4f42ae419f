using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Collection;

/// <summary>
/// A table of Delta Lake, Iceberg or Hudi. Which of its files count, and which of their rows are deleted, is in a log that is not read
/// here: read as plain files, it would have rows that it does not have.
/// </summary>
/// <param name="Format">Its format.</param>
/// <param name="Folder">Its folder, with a slash at its end where it is not the one that is read.</param>
internal sealed record LoggedTable(string Format, string Folder)
{
    private const string DeltaLog = "_delta_log";
    private const string HudiLog = ".hoodie";
    private const string IcebergLog = "metadata";
    private const string IcebergFile = ".metadata.json";
    private const string IcebergData = "data";
    private const string Delta = "Delta Lake";
    private const string Hudi = "Hudi";
    private const string Iceberg = "Iceberg";

    /// <summary>The table whose log a file belongs to; <see langword="null"/> for another file.</summary>
    public static LoggedTable? Of(string path)
    {
        if (Before(path, DeltaLog) is { } delta) return new LoggedTable(Delta, delta);
        if (Before(path, HudiLog) is { } hudi) return new LoggedTable(Hudi, hudi);
        var name = path.LastIndexOf('/') + 1;
        return name > 0 && path.AsSpan(name).EndsWith(IcebergFile) && Before(path[..name], IcebergLog) is { } iceberg
            && iceberg.Length + IcebergLog.Length + 1 == name
                ? new LoggedTable(Iceberg, iceberg)
                : null;
    }

    /// <summary>Rejects Parquet files that belong to one of some tables.</summary>
    /// <param name="tables">The tables.</param>
    /// <param name="paths">The files that would be read.</param>
    /// <param name="source">The source, for messages.</param>
    /// <exception cref="MlOpsException">A file belongs to a table.</exception>
    public static void Reject(IReadOnlyCollection<LoggedTable> tables, IEnumerable<string> paths, string source)
    {
        if (tables.Count == 0) return;
        foreach (var path in paths.Where(IsParquet))
        {
            if (tables.FirstOrDefault(table => path.StartsWith(table.Folder, StringComparison.Ordinal)) is { } table)
            {
                throw table.Rejected(source);
            }
        }
    }

    /// <summary>Rejects Parquet files in a folder of a partition of a table, whose log lies above.</summary>
    /// <param name="folder">The folder that is read.</param>
    /// <param name="paths">The files that would be read.</param>
    /// <param name="source">The source, for messages.</param>
    /// <exception cref="MlOpsException">The files belong to a table.</exception>
    public static void RejectAbove(string folder, IEnumerable<string> paths, string source)
    {
        var inner = new DirectoryInfo(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        while ((inner.Name.IndexOf('=') > 0 || inner.Name == IcebergData) && inner.Parent is { } outer)
        {
            if (FormatOf(outer.FullName) is { } format && paths.Any(IsParquet))
            {
                throw new LoggedTable(format, $"{outer.Name}/").Rejected(source);
            }
            inner = outer;
        }
    }

    /// <summary>Rejects Parquet objects below a folder of a partition of a table, whose log lies above.</summary>
    /// <param name="store">The store.</param>
    /// <param name="prefix">What is read, with a slash at its end.</param>
    /// <param name="keys">The objects that would be read.</param>
    /// <param name="source">The source, for messages.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">The objects belong to a table.</exception>
    public static async Task RejectAboveAsync(
        IObjectStore store, string prefix, IEnumerable<string> keys, string source, CancellationToken cancellationToken)
    {
        if (!keys.Any(IsParquet)) return;
        for (var folder = prefix.TrimEnd('/'); NameOf(folder) is var name && (name.IndexOf('=') > 0 || name == IcebergData);)
        {
            var outer = folder[..^name.Length];
            foreach (var log in new[] { DeltaLog, HudiLog, IcebergLog })
            {
                if (await FindAsync(store, $"{outer}{log}/", cancellationToken).ConfigureAwait(false) is { } table)
                {
                    throw table.Rejected(source);
                }
            }

            folder = outer.TrimEnd('/');
        }
    }

    private static string NameOf(string folder) => folder[(folder.LastIndexOf('/') + 1)..];

    private static async Task<LoggedTable?> FindAsync(IObjectStore store, string log, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var stored in store.AllAsync(log, cancellationToken).ConfigureAwait(false))
            {
                if (Of(stored.Key) is { } table) return table;
            }
        }
        catch (MlOpsException)
        {
            // A role that may list the prefix need not be one that may list what is above.
        }

        return null;
    }

    private static string? FormatOf(string folder)
    {
        if (Directory.Exists(Path.Combine(folder, DeltaLog))) return Delta;
        if (Directory.Exists(Path.Combine(folder, HudiLog))) return Hudi;
        var metadata = Path.Combine(folder, IcebergLog);
        return Directory.Exists(metadata) && Directory.EnumerateFiles(metadata, $"*{IcebergFile}").Any() ? Iceberg : null;
    }

    private static bool IsParquet(string path) => path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase);

    // What stands before a folder of a name.
    private static string? Before(string path, string folder)
    {
        for (var at = 0; (at = path.IndexOf(folder, at, StringComparison.Ordinal)) >= 0; at++)
        {
            var end = at + folder.Length;
            if ((at == 0 || path[at - 1] == '/') && end < path.Length && path[end] == '/') return path[..at];
        }

        return null;
    }

    private MlOpsException Rejected(string source) => new(
        $"The files {(Folder.Length == 0 ? "" : $"below '{Data.PrintableText.Shorten(Folder.TrimEnd('/'))}' ")}are a table of {Format}: " +
            "its log, which is not read here, says which of them count. Read as plain files, it would have rows that were deleted.",
        Format switch
        {
            Delta => "Read the table with delta_scan of DuckDB, by the package MlOps.Sdk.DuckDb and DuckDB's extension delta.",
            Iceberg => "Read the table with iceberg_scan of DuckDB, by the package MlOps.Sdk.DuckDb and DuckDB's extension iceberg.",
            _ => "Let an engine that reads Hudi, such as Spark or Trino, write the rows into Parquet files, and read these.",
        }) { DataSource = source };
}
