using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace MlOps.Sdk;

/// <summary>The data sources that come with the library, for use with or without a lifecycle.</summary>
public static class DataSources
{
    /// <summary>A CSV file; the types of its columns are inferred unless a schema is given.</summary>
    /// <param name="path">The file.</param>
    /// <param name="configure">Sets delimiter, encoding, culture, null tokens or the schema.</param>
    public static IDataSource Csv(string path, Action<CsvOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var options = new CsvOptions();
        configure?.Invoke(options);
        options.Validate();
        return new FileSource(path, new CsvFormat(options));
    }

    /// <summary>Objects in memory, one row each.</summary>
    /// <typeparam name="T">A class with a public property for each column.</typeparam>
    /// <param name="rows">The objects.</param>
    /// <param name="name">A name for messages; the type's name when left out.</param>
    public static IDataSource Objects<T>(IEnumerable<T> rows, string? name = null) => new ObjectSource<T>(rows, name ?? typeof(T).Name);

    /// <summary>Reads a whole source into memory.</summary>
    /// <param name="source">The source.</param>
    /// <param name="ct">Cancels the reading.</param>
    /// <exception cref="MlOpsException">The source cannot be reached or is malformed.</exception>
    public static async Task<Dataset> ReadAllAsync(this IDataSource source, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var scan = await source.OpenAsync(ReadRequest.All, ct).ConfigureAwait(false);
        await using (scan.ConfigureAwait(false))
        {
            return await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync(null, ct), ct).ConfigureAwait(false);
        }
    }
}
