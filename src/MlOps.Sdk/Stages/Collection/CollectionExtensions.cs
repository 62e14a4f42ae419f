using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace MlOps.Sdk;

/// <summary>The data sources that come with the library.</summary>
public static class CollectionExtensions
{
    /// <summary>Adds a CSV file. It is read as a stream, so it may be larger than memory.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="path">The path of the file.</param>
    /// <param name="configure">Sets delimiter, header, encoding, culture, tokens for missing values, types.</param>
    /// <param name="read">Says which columns and rows are read. Default: everything.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="MlOpsException">The options are not valid. A missing or malformed file is reported when it is read.</exception>
    public static CollectionBuilder FromCsv(this CollectionBuilder builder, string path, Action<CsvOptions>? configure = null, Action<SourceReading>? read = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.From(DataSources.Csv(path, configure), read);
    }

    /// <summary>Adds objects in memory, one row each; see <see cref="RowShape"/> for how properties become columns. The sequence is read once, now.</summary>
    /// <typeparam name="T">A class, record or struct with a public property for each column.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <param name="rows">The objects; nobody may change them until the lifecycle has run.</param>
    /// <param name="name">A name for messages and lineage. Default: the name of the type.</param>
    /// <param name="read">Says which columns and rows are read. Default: everything.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="MlOpsException">The type has a property that no column can hold, or an object is null.</exception>
    public static CollectionBuilder FromObjects<T>(this CollectionBuilder builder, IEnumerable<T> rows, string? name = null, Action<SourceReading>? read = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.From(DataSources.Objects(rows, name), read);
    }
}
