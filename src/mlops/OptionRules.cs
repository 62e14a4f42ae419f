using System.CommandLine;

namespace MlOps.Sdk.Tool;

/// <summary>What values options take.</summary>
internal static class OptionRules
{
    /// <summary>Takes a hash of the audit log, and nothing else.</summary>
    public static void AllowHash(this Option<string?> option) => option.Allow(
        text => text is null || (text.Trim().Length == 64 && text.Trim().All(char.IsAsciiHexDigit)),
        "a hash of the audit log, which has 64 hexadecimal digits");

    /// <summary>Makes a value that is not allowed a mistake of the command line.</summary>
    public static void Allow<T>(this Option<T> option, Func<T, bool> isAllowed, string rule) => option.Validators.Add(result =>
    {
        T? value;
        try
        {
            value = result.GetValueOrDefault<T>();
        }
        catch (InvalidOperationException)
        {
            // It is no value of the type at all, which the parser says.
            return;
        }
        if (value is not null && !isAllowed(value)) result.AddError($"{option.Name} must be {rule}.");
    });
}
