using System.Buffers.Binary;
using System.Globalization;

namespace MlOps.Sdk.Collection;

/// <summary>What a Parquet file says of itself at its end: columns, row groups, and where they are.</summary>
/// <param name="Root">The columns.</param>
/// <param name="Groups">The row groups.</param>
/// <param name="DataEnd">Where the values end.</param>
/// <param name="VectorLengths">The lengths of vectors, where the file was written by the library.</param>
/// <param name="PartitionTypes">The types of the columns of its path, where the file was written by the library.</param>
internal sealed record FileLayout(
    SchemaNode Root,
    IReadOnlyList<RowGroupLayout> Groups,
    long DataEnd,
    IReadOnlyDictionary<string, int> VectorLengths,
    IReadOnlyDictionary<string, ColumnType> PartitionTypes)
{
    /// <summary>Before the name of a column, the key of the type that it has in the path, where everything is text.</summary>
    public const string PartitionKey = "mlops.partition.type:";

    /// <summary>Before the name of a column, the key of the length of its vectors, which Parquet has no type for.</summary>
    public const string VectorKey = "mlops.vector.length:";
    private const int MaxVectorLength = 1 << 20;
    public const int MagicLength = 4;
    private const int TailLength = 8;
    private const int UsualFooter = 64 * 1024;
    private const int MaxFooter = 64 * 1024 * 1024;

    public long Rows => Groups.Sum(group => (long)group.Rows);

    /// <exception cref="MlOpsException">The file is no Parquet file, is damaged, or is of a kind that cannot be read.</exception>
    public static async ValueTask<FileLayout> ReadAsync(Stream file, string name, CancellationToken cancellationToken)
    {
        if (file.Length < MagicLength + TailLength) throw NotParquet(name);
        var magic = new byte[MagicLength];
        var tail = new byte[TailLength];
        file.Position = 0;
        var ranged = file as IRangedFile;
        ranged?.Expect(0, file.Length <= UsualFooter ? file.Length : MagicLength);
        await file.ReadExactlyAsync(magic, cancellationToken).ConfigureAwait(false);
        file.Position = file.Length - TailLength;

        // The description is there in most files by then.
        var end = Math.Min(file.Length, UsualFooter);
        ranged?.Expect(file.Length - end, end);
        await file.ReadExactlyAsync(tail, cancellationToken).ConfigureAwait(false);
        if (!magic.AsSpan().SequenceEqual("PAR1"u8) && !magic.AsSpan().SequenceEqual("PARE"u8)) throw NotParquet(name);
        if (tail.AsSpan(4).SequenceEqual("PARE"u8)) throw ParquetFailure.Unsupported(name, "its description is encrypted");
        if (!tail.AsSpan(4).SequenceEqual("PAR1"u8)) throw ParquetFailure.Damaged(name, "its end is missing");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(tail);
        var dataEnd = file.Length - TailLength - length;
        if (length > MaxFooter && dataEnd >= MagicLength) throw ParquetFailure.TooManyParts(name, "its description has more than 64 MB");
        if (dataEnd < MagicLength)
        {
            throw ParquetFailure.Damaged(name, "the length of its description is out of range");
        }
        var footer = new byte[length];
        file.Position = dataEnd;
        if (length > UsualFooter - TailLength) ranged?.Expect(dataEnd, length);
        await file.ReadExactlyAsync(footer, cancellationToken).ConfigureAwait(false);
        try
        {
            return Parse(footer, dataEnd, name);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw ParquetFailure.Damaged(name, "its description cannot be read", e);
        }
        catch (NotSupportedException e)
        {
            throw ParquetFailure.Unsupported(name, e.Message);
        }
    }

    private static FileLayout Parse(byte[] footer, long dataEnd, string name)
    {
        ThriftStruct meta;
        try
        {
            meta = new ThriftReader(footer).ReadStruct();
        }
        catch (NotSupportedException e)
        {
            throw ParquetFailure.TooManyParts(name, "its description has too many parts", e);
        }

        if (meta.Has(8)) throw new NotSupportedException("its columns are encrypted");
        var root = SchemaNode.Read([.. meta.Structs(2) ?? []], out var leaves);
        var groups = (meta.Structs(4) ?? []).Select(group => RowGroupLayout.Read(group, leaves, dataEnd)).ToArray();
        return new FileLayout(root, groups, dataEnd, VectorLengthsOf(meta), PartitionTypesOf(meta));
    }

    private static Dictionary<string, int> VectorLengthsOf(ThriftStruct meta)
    {
        var lengths = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var pair in meta.Structs(5) ?? [])
        {
            if (pair.Text(1) is not { } key || !key.StartsWith(VectorKey, StringComparison.Ordinal)) continue;
            if (!int.TryParse(pair.Text(2), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length is < 1 or > MaxVectorLength)
            {
                throw new InvalidDataException("the length of a vector is out of range");
            }
            lengths[key[VectorKey.Length..]] = length;
        }

        return lengths;
    }

    private static Dictionary<string, ColumnType> PartitionTypesOf(ThriftStruct meta)
    {
        var types = new Dictionary<string, ColumnType>(StringComparer.Ordinal);
        foreach (var pair in meta.Structs(5) ?? [])
        {
            if (pair.Text(1) is not { } key || !key.StartsWith(PartitionKey, StringComparison.Ordinal)) continue;
            types[key[PartitionKey.Length..]] = pair.Text(2) switch
            {
                nameof(ColumnType.Integer) => ColumnType.Integer,
                nameof(ColumnType.Text) => ColumnType.Text,
                _ => throw new InvalidDataException("the type of a column of its path is not known"),
            };
        }

        return types;
    }

    private static MlOpsException NotParquet(string name) =>
        new("The file is not a Parquet file.", "Give a file that was written as Parquet, completely.") { DataSource = name };
}
