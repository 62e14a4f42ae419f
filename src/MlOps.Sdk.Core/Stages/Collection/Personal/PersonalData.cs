using System.Security.Cryptography;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace MlOps.Sdk;

/// <summary>
/// Finds personal data in tables, and treats single values as <see cref="PersonalTreatment.Hash"/> and
/// <see cref="PersonalTreatment.Tokenize"/> do. Thread-safe.
/// </summary>
public static class PersonalData
{
    /// <summary>
    /// Columns that seem to hold personal data, by at most 10,000 values spread over the rows. Email addresses, IBANs and IP addresses are
    /// reported from a tenth of a column's values on; telephone numbers, card numbers and names, which other values resemble by chance,
    /// from half of them on. A hint, no proof: a column that is not named may be personal all the same.
    /// </summary>
    /// <param name="rows">The rows.</param>
    public static IReadOnlyList<PersonalFinding> Detect(Dataset rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var findings = new List<PersonalFinding>();
        foreach (var field in rows.Schema)
        {
            var detector = new PersonalDetector(field);
            var column = rows[field.Name];
            var step = Math.Max(1, (column.Length - column.NullCount + PersonalDetector.MostValues - 1) / PersonalDetector.MostValues);
            var seen = 0;
            for (var row = 0; row < column.Length && !detector.IsFull; row++)
            {
                if (!column.IsNull(row) && seen++ % step == 0) detector.Add(column, row);
            }

            findings.AddRange(detector.Findings());
        }

        return findings;
    }

    /// <summary>
    /// The hash that a value has in a column treated with <see cref="PersonalTreatment.Hash"/>, for example to request the row of a person,
    /// or to call an endpoint that learned from the hashed column.
    /// </summary>
    /// <param name="value">The value in its invariant text.</param>
    /// <param name="key">The key, at least 32 bytes.</param>
    /// <param name="length">The number of hexadecimal digits, 16 to 64. Default: 64.</param>
    /// <exception cref="MlOpsException">The key is too short.</exception>
    public static string Hash(string value, ReadOnlySpan<byte> key, int length = PersonalTreatment.LongestHash)
    {
        ArgumentNullException.ThrowIfNull(value);
        PersonalTreatment.CheckLength(length);
        PersonalTreatment.CheckKey(key);
        return Convert.ToHexStringLower(HMACSHA256.HashData(key, PersonalText.GetBytes(value)))[..length];
    }

    /// <summary>The token that a value has in a column treated with <see cref="PersonalTreatment.Tokenize"/>.</summary>
    /// <param name="value">The value in its invariant text.</param>
    /// <param name="key">The key, at least 32 bytes.</param>
    /// <exception cref="MlOpsException">The key is too short.</exception>
    public static string Tokenize(string value, ReadOnlySpan<byte> key)
    {
        ArgumentNullException.ThrowIfNull(value);
        PersonalTreatment.CheckKey(key);
        using var tokens = new PersonalTokens(key);
        return tokens.TokenOf(value);
    }

    /// <summary>The value that a token represents.</summary>
    /// <param name="token">The token, as the column has it.</param>
    /// <param name="key">The key that it was made with.</param>
    /// <exception cref="MlOpsException">The key is too short, or the token was not made with it, or was changed.</exception>
    public static string Detokenize(string token, ReadOnlySpan<byte> key)
    {
        ArgumentNullException.ThrowIfNull(token);
        PersonalTreatment.CheckKey(key);
        using var tokens = new PersonalTokens(key);
        return tokens.ValueOf(token);
    }
}
