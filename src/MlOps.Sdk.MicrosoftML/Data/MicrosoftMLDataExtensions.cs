using Microsoft.ML;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.MLNet;

namespace MlOps.Sdk;

/// <summary>Rows of the library as ML.NET sees them.</summary>
public static class MicrosoftMLDataExtensions
{
    /// <summary>
    /// A table as ML.NET sees it: streamed from the table's own memory, repeatable, for several threads at once. Types and missing values
    /// are those of the table on the page of Microsoft.ML; <see cref="DatasetView.Notes"/> says where they differ.
    /// </summary>
    /// <param name="dataset">The table.</param>
    /// <param name="columns">The columns, in this order; <see langword="null"/> for all.</param>
    /// <exception cref="MlOpsException">A column does not exist, is named twice, or has vectors without elements.</exception>
    public static DatasetView AsDataView(this Dataset dataset, IEnumerable<string>? columns = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return new DatasetView(dataset.Schema, dataset.Columns, dataset.RowCount, columns);
    }

    /// <summary>The rows of a batch as ML.NET sees them, see <see cref="AsDataView(Dataset, IEnumerable{string})"/>.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="columns">The columns, in this order; <see langword="null"/> for all.</param>
    /// <exception cref="MlOpsException">A column does not exist, is named twice, or has vectors without elements.</exception>
    public static DatasetView AsDataView(this RecordBatch batch, IEnumerable<string>? columns = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return new DatasetView(batch.Schema, batch.Columns, batch.RowCount, columns);
    }

    /// <summary>
    /// The rows of a source as ML.NET sees them. The source is read once, into a temporary file from which cursors stream: rows may exceed
    /// the memory, and the view stays the same when the source changes. For rows that fit into memory,
    /// <c>(await source.ReadAllAsync()).AsDataView()</c> is faster to read, and can be shuffled.
    /// </summary>
    /// <param name="source">The source.</param>
    /// <param name="columns">The columns, in this order; <see langword="null"/> for all.</param>
    /// <param name="cancellationToken">Cancels the reading of the source.</param>
    /// <returns>The view; whoever disposes of it removes the file.</returns>
    /// <exception cref="MlOpsException">
    /// The source cannot be reached or is malformed, the temporary file cannot be written, or a column does not exist, is named twice, or
    /// has vectors without elements.
    /// </exception>
    public static Task<SnapshotView> AsDataViewAsync(
        this IDataSource source, IEnumerable<string>? columns = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return SnapshotView.CreateAsync(source, columns, cancellationToken);
    }

    /// <summary>A table as ML.NET sees it, see <see cref="AsDataView(Dataset, IEnumerable{string})"/>.</summary>
    /// <param name="catalog">The catalog <c>mlContext.Data</c>.</param>
    /// <param name="dataset">The table.</param>
    /// <param name="columns">The columns, in this order; <see langword="null"/> for all.</param>
    /// <exception cref="MlOpsException">A column does not exist, is named twice, or has vectors without elements.</exception>
    public static DatasetView FromMlOps(this DataOperationsCatalog catalog, Dataset dataset, IEnumerable<string>? columns = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return dataset.AsDataView(columns);
    }
}
