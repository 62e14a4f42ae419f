using System.Diagnostics.CodeAnalysis;

namespace MlOps.Sdk.Registry;

/// <summary>The rule for the names of models, which are those of lifecycles, and of arms.</summary>
internal static class ModelName
{
    /// <summary>The rule, for messages: "use …".</summary>
    public const string Rule = "up to 100 lower-case letters, digits, '-', '_' and '.', beginning with a letter or digit";

    /// <summary>The most characters.</summary>
    public const int Longest = 100;

    /// <summary>Whether a text keeps the rule.</summary>
    public static bool IsValid([NotNullWhen(true)] string? name)
    {
        if (name is not { Length: > 0 and <= Longest } || !(char.IsAsciiLetterLower(name[0]) || char.IsAsciiDigit(name[0]))) return false;
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('-' or '_' or '.')) return false;
        }

        return true;
    }
}
