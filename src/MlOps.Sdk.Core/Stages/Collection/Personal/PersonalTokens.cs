using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Makes tokens of values, and values of tokens: deterministic authenticated encryption as a synthetic initialization vector (Rogaway and
/// Shrimpton, 2006) over HMAC-SHA-256 and AES-256 in CBC mode, with keys derived by HKDF (RFC 5869). Not thread-safe.
/// </summary>
internal sealed class PersonalTokens : IDisposable
{
    private const int VectorLength = 16;

    private readonly byte[] _authentication;
    private readonly Aes _cipher = Aes.Create();

    public PersonalTokens(ReadOnlySpan<byte> key)
    {
        Span<byte> keys = stackalloc byte[64];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, keys, [], "mlops personal token 1"u8);
        _authentication = keys[..32].ToArray();
        _cipher.Key = keys[32..].ToArray();
        CryptographicOperations.ZeroMemory(keys);
    }

    public string TokenOf(string value)
    {
        var text = PersonalText.GetBytes(value);
        Span<byte> vector = stackalloc byte[VectorLength];
        Vector(text, vector);
        return Base64Url.EncodeToString([.. vector, .. _cipher.EncryptCbc(text, vector)]);
    }

    /// <exception cref="MlOpsException">The token was not created with this key, or was changed.</exception>
    public string ValueOf(string token)
    {
        try
        {
            var bytes = Base64Url.DecodeFromChars(token);
            // The decoder forgives spaces and padding; one value has one token.
            if (bytes.Length < 2 * VectorLength || Base64Url.EncodeToString(bytes) != token) throw Wrong(null);
            var text = _cipher.DecryptCbc(bytes.AsSpan(VectorLength), bytes.AsSpan(0, VectorLength));
            Span<byte> vector = stackalloc byte[VectorLength];
            Vector(text, vector);
            return CryptographicOperations.FixedTimeEquals(vector, bytes.AsSpan(0, VectorLength))
                ? PersonalText.GetString(text)
                : throw Wrong(null);
        }
        catch (Exception e) when (e is FormatException or CryptographicException or DecoderFallbackException)
        {
            throw Wrong(e);
        }
    }

    public void Dispose()
    {
        _cipher.Dispose();
        CryptographicOperations.ZeroMemory(_authentication);
    }

    private static MlOpsException Wrong(Exception? e) => new(
        "The token was not created with this key, or was changed.",
        "Use the key that the column was tokenized with, and the complete token.",
        e);

    private void Vector(ReadOnlySpan<byte> text, Span<byte> vector)
    {
        Span<byte> hash = stackalloc byte[32];
        HMACSHA256.HashData(_authentication, text, hash);
        hash[..VectorLength].CopyTo(vector);
    }
}
