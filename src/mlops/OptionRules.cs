using System.CommandLine;

namespace MlOps.Sdk.Tool;

/// <summary>What values options take.</summary>
internal static class OptionRules
{
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
