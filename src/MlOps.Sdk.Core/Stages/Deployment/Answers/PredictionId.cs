using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Identifies a prediction of a model, so that its true label can be reported later. 128 bits, shown as 32 hexadecimal digits, in JSON and
/// in routes too.
/// </summary>
[JsonConverter(typeof(IdJsonConverter<PredictionId>))]
public readonly struct PredictionId : IEquatable<PredictionId>, IParsable<PredictionId>
{
    private const int RandomBits = 14;

    // Where the process's milliseconds begin, in the 50 bits that are left of the upper half.
    private static readonly ulong s_start = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));

    [ThreadStatic]
    private static RandomBytes? t_random;

    // Other encodings take every half of a surrogate pair for the same character.
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ulong _high;
    private readonly ulong _low;

    private PredictionId(ulong high, ulong low)
    {
        _high = high;
        _low = low;
    }

    /// <summary>What decides the arm of a prediction without a key.</summary>
    internal ulong RoutingHash => _high ^ (_low * 0x9E3779B97F4A7C15);

    /// <summary>
    /// A new id, unique across processes: 78 of its bits are random, from the generator for cryptography, so that nobody can predict the
    /// ids of others, or count predictions by them. The first 50 bits grow with the milliseconds of the process, so that a table appends
    /// its new ids. Thread-safe; allocates a buffer once in each thread.
    /// </summary>
    public static PredictionId New()
    {
        var random = (t_random ??= new RandomBytes()).Take();
        var time = s_start + (ulong)Environment.TickCount64;
        return new PredictionId(
            (time << RandomBits) | (BinaryPrimitives.ReadUInt32LittleEndian(random) >> (32 - RandomBits)),
            BinaryPrimitives.ReadUInt64LittleEndian(random[sizeof(uint)..]));
    }

    /// <summary>
    /// The id that belongs to a key of the application's own, for example an order number: the same key gives the same id, so a repeated
    /// prediction is recorded once by each model.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <exception cref="ArgumentException">The key is empty, or has half of a surrogate pair.</exception>
    public static PredictionId FromKey(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        Span<byte> hash = stackalloc byte[32];
        try
        {
            SHA256.HashData(Strict.GetBytes(key), hash);
        }
        catch (EncoderFallbackException e)
        {
            throw new ArgumentException("The key has half of a surrogate pair, which is not a character.", nameof(key), e);
        }
        return new PredictionId(BinaryPrimitives.ReadUInt64BigEndian(hash), BinaryPrimitives.ReadUInt64BigEndian(hash[8..]));
    }

    /// <summary>Reads an id from its 32 hexadecimal digits.</summary>
    /// <param name="text">The digits.</param>
    /// <exception cref="FormatException">The text is not an id.</exception>
    public static PredictionId Parse([NotNull] string? text) =>
        TryParse(text, out var id) ? id : throw new FormatException("A prediction id has 32 hexadecimal digits.");

    /// <summary>Reads an id from its 32 hexadecimal digits.</summary>
    /// <param name="text">The text, which may be anything.</param>
    /// <param name="id">The id.</param>
    /// <returns>Whether the text is an id.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out PredictionId id)
    {
        var isId = text is { Length: 32 };
        ulong high = 0, low = 0;
        isId = isId
            && ulong.TryParse(text.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out high)
            && ulong.TryParse(text.AsSpan(16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out low);
        id = isId ? new PredictionId(high, low) : default;
        return isId;
    }

    static PredictionId IParsable<PredictionId>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<PredictionId>.TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out PredictionId result) =>
        TryParse(s, out result);

    /// <inheritdoc/>
    public bool Equals(PredictionId other) => _high == other._high && _low == other._low;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PredictionId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_high, _low);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{_high:x16}{_low:x16}");

    // The generator costs much less for many bytes at once. Confined to a thread.
    private sealed class RandomBytes
    {
        private const int OfId = sizeof(uint) + sizeof(ulong);

        private readonly byte[] _bytes = new byte[256 * OfId];
        private int _left;

        public ReadOnlySpan<byte> Take()
        {
            if (_left == 0)
            {
                RandomNumberGenerator.Fill(_bytes);
                _left = _bytes.Length;
            }

            return _bytes.AsSpan(_left -= OfId, OfId);
        }
    }

    /// <summary>Whether two ids are the same.</summary>
    /// <param name="left">One id.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(PredictionId left, PredictionId right) => left.Equals(right);

    /// <summary>Whether two ids differ.</summary>
    /// <param name="left">One id.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(PredictionId left, PredictionId right) => !left.Equals(right);
}
