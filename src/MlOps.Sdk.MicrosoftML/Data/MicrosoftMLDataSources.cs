using Microsoft.ML;
using MlOps.Sdk.Collection;
using MlOps.Sdk.MLNet;

namespace MlOps.Sdk;

/// <summary>What <see cref="DataSources"/> gains by ML.NET.</summary>
public static class MicrosoftMLDataSources
{
    extension(DataSources)
    {
        /// <summary>
        /// The rows of a view of ML.NET. Opening it reads the view once, to tell by its content whether it is the same as before, and
        /// reading it streams. Keys become their texts, vectors of numbers become vectors of Single; hidden columns are left out. Types and
        /// missing values are those of the table on the page of Microsoft.ML. Thread-safe.
        /// </summary>
        /// <param name="name">A name for messages and lineage, without secrets.</param>
        /// <param name="view">
        /// The view. It is not disposed of, and must give the same rows whenever it is read, as ML.NET asks of views.
        /// </param>
        /// <param name="columns">The columns, in this order; <see langword="null"/> for all that are not hidden.</param>
        /// <exception cref="MlOpsException">
        /// A column does not exist, is named twice, or cannot be read: its vectors differ in length, or there is no type for its values.
        /// </exception>
        public static IDataSource FromDataView(string name, IDataView view, IEnumerable<string>? columns = null)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(name);
            ArgumentNullException.ThrowIfNull(view);
            return new DataViewSource(name, view, columns);
        }
    }
}
