using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>
/// How a file with a JSON object per line is read. A member of a nested object is a column with a dotted name, such as <c>address.city</c>;
/// a member that is missing or <c>null</c> has no value; lines that are empty are skipped. A file that begins as gzip does, whatever its
/// name, is decompressed while it is read.
/// </summary>
public sealed class JsonLinesOptions
{
    /// <summary>
    /// The encoding of a file without a byte order mark; a byte order mark (UTF-8, UTF-16, UTF-32) goes before. Default:
    /// <see langword="null"/>, which is UTF-8.
    /// </summary>
    public Encoding? Encoding { get; set; }

    /// <summary>
    /// The columns to read, with their types; other members are not read. <see cref="ColumnType.Vector"/> takes arrays of as many numbers
    /// as it is long, and <see cref="ColumnType.Text"/> anything: what is not text as its JSON. <see langword="null"/> (the default) finds
    /// columns and types out from the whole file: numbers without fraction and exponent that fit 64 bits are
    /// <see cref="ColumnType.Integer"/>, finite numbers <see cref="ColumnType.Number"/>, <see langword="true"/> and <see langword="false"/>
    /// <see cref="ColumnType.Boolean"/>, texts that are ISO 8601 dates and times <see cref="ColumnType.Timestamp"/>; everything else, also
    /// arrays and members of several types, is <see cref="ColumnType.Text"/>.
    /// </summary>
    public Schema? Schema { get; set; }

    internal void Validate()
    {
        if (Schema is { Count: 0 })
        {
            throw new MlOpsException(
                "The schema for the JSON Lines file has no columns.",
                "Leave Schema null to infer the columns from the file.");
        }
    }
}
