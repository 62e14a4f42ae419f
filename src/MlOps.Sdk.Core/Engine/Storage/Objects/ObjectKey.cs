using System.Globalization;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Storage;

/// <summary>What keys of objects are.</summary>
internal static class ObjectKey
{
    // That of Azure, which counts characters; of S3, which counts bytes, see IObjectPlace.
    private const int Longest = 1_024;

    /// <summary>Whether every store can keep an object under a key, and a folder can without leading out of it.</summary>
    public static bool IsValid(string key) => key.Length is > 0 and <= Longest
        && key.Split('/').All(part => part is { Length: > 0 } and not ("." or ".."))
        && !key.Any(c => char.IsControl(c) || c == '\\')
        && HasWholeCharacters(key);

    /// <summary>Whether a store can keep an object under a key.</summary>
    public static bool CanKeep(this IObjectStore store, string key) => store is IObjectKeys keys ? keys.CanKeep(key) : IsValid(key);

    /// <param name="key">The text.</param>
    /// <param name="name">The name of the argument.</param>
    /// <param name="mostBytes">The most bytes in UTF-8.</param>
    /// <exception cref="ArgumentException">The text is no key, or is too long.</exception>
    public static string Checked(string key, string name, int mostBytes = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(key, name);
        if (IsValid(key) && Encoding.UTF8.GetByteCount(key) > mostBytes)
        {
            throw new ArgumentException(
                $"'{PrintableText.Shorten(key)}' is too long for this store: a key may have " +
                    string.Create(CultureInfo.InvariantCulture, $"{mostBytes:N0} bytes in UTF-8."),
                name);
        }
        return IsValid(key)
            ? key
            : throw new ArgumentException(
                $"'{PrintableText.Shorten(key)}' is no key of an object: use folders and a name, separated by '/', such as " +
                    "'sales/year=2026/part.parquet', without '.' or '..', backslashes and control characters, 1,024 characters at most.",
                name);
    }

    /// <summary>What keys begin with below folders: the folders, and a slash where there are any.</summary>
    /// <exception cref="ArgumentException">The text is no folder of keys.</exception>
    public static string Folder(string prefix, string name)
    {
        ArgumentNullException.ThrowIfNull(prefix, name);
        var folder = prefix.TrimEnd('/');
        return prefix.Length == 0 ? "" : $"{ObjectPrefix.Checked(folder.Length == 0 ? prefix : folder, name)}/";
    }

    /// <summary>The range of an object that is opened.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not in the object.</exception>
    public static void CheckRange(StoredObject stored, long from, long length)
    {
        ArgumentNullException.ThrowIfNull(stored);
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, stored.Size - from);
    }

    private static bool HasWholeCharacters(string key)
    {
        for (var i = 0; i < key.Length; i++)
        {
            if (!char.IsSurrogate(key[i])) continue;
            if (i + 1 == key.Length || !char.IsSurrogatePair(key[i], key[i + 1])) return false;
            i++;
        }

        return true;
    }
}
