using System.ComponentModel.DataAnnotations;

namespace MlOps.Sdk.Collection;

/// <summary>How DuckDB runs within the process.</summary>
public sealed class DuckDbOptions
{
    /// <summary>
    /// A database file, which is opened for reading only; <see langword="null"/> (the default) for none: queries read files.
    /// </summary>
    public string? DatabaseFile { get; set; }

    /// <summary>
    /// The memory that a query may take, in bytes, at least 64 MB; above it, it writes temporary files. Default: 1 GB. It counts for each
    /// connection to memory, and once for a database file, where the connection that opens it first says it. What the process itself holds
    /// comes on top.
    /// </summary>
    public long MemoryLimit { get; set; } = 1_000_000_000;

    /// <summary>
    /// The folder for temporary files, in which each database has one of its own; <see langword="null"/> (the default) for one within the
    /// system's temporary folder that only this user may read. It is removed when the process ends, or by the next process where this one
    /// was killed.
    /// </summary>
    public string? TempDirectory { get; set; }

    /// <summary>How many threads a query may use; <see langword="null"/> (the default) for all processors.</summary>
    [Range(1, 1024)]
    public int? Threads { get; set; }

    /// <summary>
    /// The files that queries read, as paths or patterns such as <c>lake/**/*.parquet</c>. A source then has a version: that of the query
    /// and of all bytes of the files, which are read once more to hash them. A pattern that matches nothing is an error. Default: none;
    /// then a source has a version only by <see cref="DatabaseOptions.VersionQuery"/>. A warehouse looks at them, and at those that its
    /// queries name, before and after an answer: what was written meanwhile is an error.
    /// </summary>
    public IList<string> Files { get; } = [];

    /// <summary>
    /// How rows are read: parameters (<c>$name</c> in the query), schema, an increasing key that makes the source resumable.
    /// </summary>
    public DatabaseOptions Reading { get; } = new() { Name = "DuckDB", CommandTimeout = TimeSpan.FromHours(1) };

    /// <summary>How tables are asked: the name, the time a statement may take, and who is told of progress.</summary>
    public WarehouseOptions Asking { get; } = new();

    internal static DuckDbOptions Of(Action<DuckDbOptions>? configure)
    {
        var options = new DuckDbOptions();
        configure?.Invoke(options);
        options.Validate();
        return options;
    }

    private void Validate()
    {
        if (DatabaseFile is { } file && !File.Exists(file))
        {
            throw new MlOpsException($"The database file '{file}' does not exist.", "Check the path; DuckDB opens it for reading only.");
        }
        if (MemoryLimit < 64_000_000)
        {
            throw new MlOpsException($"A memory limit of {MemoryLimit} bytes is too small.", "Give DuckDB at least 64,000,000 bytes.");
        }
        if (TempDirectory is { } folder && string.IsNullOrWhiteSpace(folder))
        {
            throw new MlOpsException("The folder for temporary files has no name.", "Name one, or leave it out.");
        }
        if (Threads is < 1 or > 1024)
        {
            throw new MlOpsException($"{Threads} is not a number of threads.", "Give 1 to 1,024, or leave it out for all processors.");
        }
    }
}
