using System.Security.Cryptography;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace MlOps.Sdk;

/// <summary>What happens to the values of a personal column before anything is kept. Immutable and thread-safe.</summary>
public sealed class PersonalTreatment
{
    /// <summary>The fewest bytes of a key: as many as HMAC-SHA-256 gives, so that a key cannot be guessed.</summary>
    public const int ShortestKey = 32;

    /// <summary>The fewest hexadecimal digits of a hash: 64 bits.</summary>
    public const int ShortestHash = 16;

    /// <summary>The most hexadecimal digits of a hash: all 256 bits.</summary>
    public const int LongestHash = 64;

    private readonly Func<byte[]>? _key;

    // The digits of a hash; 0 for a token.
    private readonly int _length;

    private PersonalTreatment(Func<byte[]>? key, int length)
    {
        _key = key;
        _length = length;
    }

    /// <summary>The column is left out.</summary>
    public static PersonalTreatment Drop { get; } = new(null, 0);

    /// <summary>
    /// Each value becomes the HMAC-SHA-256 (RFC 2104) of its invariant text, in hexadecimal: equal values stay equal, in all
    /// columns with the same key, so they can be counted, joined and used as a key. It cannot be turned back; whoever has the key
    /// can try values out. The key is not kept, logged or part of a fingerprint; a digest of it is, to tell that it changed. Rows
    /// without a value stay without one.
    /// </summary>
    /// <param name="key">
    /// Gives the key, at least 32 random bytes (<c>RandomNumberGenerator.GetBytes(32)</c>), from where secrets are kept. Called once per
    /// column and run; with another key, equal values become different ones.
    /// </param>
    /// <param name="length">
    /// The number of hexadecimal digits, 16 to 64: two of n different values become equal with a probability below n² /
    /// 2^(4 · length + 1). Default: 64.
    /// </param>
    public static PersonalTreatment Hash(Func<byte[]> key, int length = LongestHash)
    {
        ArgumentNullException.ThrowIfNull(key);
        CheckLength(length);
        return new PersonalTreatment(key, length);
    }

    /// <summary>
    /// Each value becomes a token, from which whoever has the key gets the value back with <see cref="PersonalData.Detokenize"/>;
    /// nobody else can, and a token that was changed is noticed. Equal values have equal tokens, in all columns with the same key, so
    /// they can be counted, joined and used as a key. A token is longer than its value, and tells its length in UTF-8 up to 16 bytes:
    /// where values differ much in length, hash them. The key is treated as that of <see cref="Hash"/>; losing it loses the values.
    /// Deterministic authenticated encryption: a synthetic initialization vector (Rogaway and Shrimpton, 2006) over HMAC-SHA-256 and
    /// AES-256 in CBC mode, written in base64url.
    /// </summary>
    /// <param name="key">
    /// Gives the key, at least 32 random bytes (<c>RandomNumberGenerator.GetBytes(32)</c>), from where secrets are kept.
    /// Called once per column and run.
    /// </param>
    public static PersonalTreatment Tokenize(Func<byte[]> key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new PersonalTreatment(key, 0);
    }

    internal static void CheckLength(int length)
    {
        if (length is < ShortestHash or > LongestHash)
        {
            throw new ArgumentOutOfRangeException(
                nameof(length), length, $"A hash has {ShortestHash} to {LongestHash} hexadecimal digits.");
        }
    }

    internal static void CheckKey(ReadOnlySpan<byte> key, string? column = null)
    {
        if (key.Length < ShortestKey)
        {
            throw new MlOpsException(
                $"The key has {key.Length} bytes, but needs at least {ShortestKey}.",
                $"Create one with RandomNumberGenerator.GetBytes({ShortestKey}), and store it with your secrets.") { Column = column };
        }
    }

    /// <summary>Gets the key, if there is one.</summary>
    /// <exception cref="MlOpsException">The key is not available, or is too short.</exception>
    internal (string Description, Func<Column, Column>? Change) Begin(string column)
    {
        if (_key is null) return ("dropped", null);
        byte[]? key;
        try
        {
            key = _key();
        }
        catch (Exception e) when (e is not MlOpsException)
        {
            throw new MlOpsException(
                $"The key for the personal column '{column}' is not available ({e.GetType().Name}).",
                "Provide the key where the delegate of the treatment looks for it; its message is not shown, " +
                    "because it may contain secrets.") { Column = column };
        }

        CheckKey(key, column);
        var owned = (byte[])key.Clone();
        var digest = Convert.ToHexStringLower(HMACSHA256.HashData(owned, "mlops personal column 1"u8))[..16];
        return _length > 0
            ? (
                FormattableString.Invariant($"hashed to {_length} digits (key {digest})"),
                values => Change(values, text => PersonalData.Hash(text, owned, _length)))
            : ($"tokenized (key {digest})", values => ToTokens(values, owned));
    }

    private static TextColumn ToTokens(Column values, byte[] key)
    {
        using var tokens = new PersonalTokens(key);
        return Change(values, tokens.TokenOf);
    }

    private static TextColumn Change(Column values, Func<string, string> change)
    {
        var changed = new TextColumnBuilder(values.Length);
        for (var row = 0; row < values.Length; row++) changed.Append(values.GetText(row) is { } text ? change(text) : null);
        return (TextColumn)changed.Build();
    }
}
