using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Audit;

/// <summary>The hash of an entry. Every field is preceded by its length, so that no two different entries have the same bytes.</summary>
internal static class AuditChain
{
    public static string Hash(string previous, AuditRow entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, previous);
        Append(hash, entry.Sequence);
        Append(hash, entry.At);
        Append(hash, entry.Actor);
        Append(hash, entry.Action);
        Append(hash, entry.Subject);
        Append(hash, entry.Details);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Append(hash, bytes.Length);
        hash.AppendData(bytes);
    }

    private static void Append(IncrementalHash hash, long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        hash.AppendData(bytes);
    }
}
