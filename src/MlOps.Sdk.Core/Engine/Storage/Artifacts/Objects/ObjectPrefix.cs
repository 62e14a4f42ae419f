using MlOps.Sdk.Data;

namespace MlOps.Sdk.Storage;

/// <summary>What the keys of artifacts begin with.</summary>
internal static class ObjectPrefix
{
    private const int Longest = 512;

    /// <exception cref="ArgumentException">The text cannot begin a key.</exception>
    public static string Checked(string? prefix, string name)
    {
        ArgumentNullException.ThrowIfNull(prefix, name);
        if (prefix.Length == 0) return prefix;
        var isPath = prefix.Length <= Longest && prefix.Split('/').All(part => part is { Length: > 0 } and not ("." or ".."));
        return isPath && !prefix.Any(c => char.IsControl(c) || char.IsSurrogate(c) || c == '\\')
            ? prefix
            : throw new ArgumentException(
                $"'{PrintableText.Shorten(prefix)}' cannot be {name}: use folders separated by '/', such as 'mlops/artifacts', without a " +
                    $"'/' at the beginning or the end, without '.' or '..', and {Longest} characters at most.",
                name);
    }
}
