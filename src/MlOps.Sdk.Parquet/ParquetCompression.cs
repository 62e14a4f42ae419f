using System.Text.Json.Serialization;

namespace MlOps.Sdk.Collection;

/// <summary>How the pages of a Parquet file are compressed.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ParquetCompression>))]
public enum ParquetCompression
{
    /// <summary>Snappy: fast, and read by everything.</summary>
    Snappy,

    /// <summary>Zstandard: smaller, and about as fast to read.</summary>
    Zstd,

    /// <summary>Gzip: smaller, and slower.</summary>
    Gzip,

    /// <summary>Not compressed.</summary>
    None,
}
