using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Identifies rows by their content.</summary>
internal static class RowsHash
{
    // The hash goes batch by batch and column by column, so batches have one size, whatever size is requested later.
    private const int BatchSize = 4096;

    /// <summary>Reads all rows and hashes them.</summary>
    public static ContentVersion Of(ViewRows rows, MalformedRows malformed, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var field in rows.Schema) Add(hash, FormattableString.Invariant($"{field.Type} {field.Length} {field.Name}"));
        foreach (var batch in rows.Read(BatchSize, 0, malformed, cancellationToken))
        {
            foreach (var row in rows.TakeMalformed())
            {
                Add(hash, row.Line);
                Add(hash, row.Reason);
            }

            Add(hash, batch.RowCount);
            foreach (var column in batch.Columns) Add(hash, column);
        }

        return new ContentVersion($"sha256:{Convert.ToHexStringLower(hash.GetCurrentHash())}");
    }

    private static void Add(IncrementalHash hash, Column column)
    {
        Add(hash, column.NullCount);
        if (column.NullCount > 0)
        {
            var nulls = new byte[column.Length];
            for (var row = 0; row < nulls.Length; row++) nulls[row] = column.IsNull(row) ? (byte)1 : (byte)0;
            hash.AppendData(nulls);
        }

        switch (column)
        {
            case NumberColumn numbers: hash.AppendData(MemoryMarshal.AsBytes(numbers.Values)); break;
            case IntegerColumn integers: hash.AppendData(MemoryMarshal.AsBytes(integers.Values)); break;
            case BooleanColumn flags: hash.AppendData(MemoryMarshal.AsBytes(flags.Values)); break;
            case TimestampColumn times: hash.AppendData(MemoryMarshal.AsBytes(times.Values)); break;
            case VectorColumn vectors: hash.AppendData(MemoryMarshal.AsBytes(vectors.Values)); break;
            case TextColumn texts:
                // The codes of a batch follow the first occurrence, so they and the texts say it all.
                hash.AppendData(MemoryMarshal.AsBytes(texts.Values));
                Add(hash, texts.Dictionary.Length);
                foreach (var text in texts.Dictionary) Add(hash, text);
                break;
        }
    }

    private static void Add(IncrementalHash hash, string text)
    {
        Add(hash, text.Length);
        hash.AppendData(MemoryMarshal.AsBytes(text.AsSpan()));
    }

    private static void Add(IncrementalHash hash, long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        hash.AppendData(bytes);
    }
}
