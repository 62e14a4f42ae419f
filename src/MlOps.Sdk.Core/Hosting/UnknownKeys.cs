using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using MlOps.Sdk.Data;

namespace MlOps.Sdk;

/// <summary>Rejects keys of a configuration section that are not options: a misspelt one would silently leave its default.</summary>
/// <typeparam name="TOptions">The options, each a property with a single value.</typeparam>
internal sealed class UnknownKeys<TOptions>(IConfiguration section) : IValidateOptions<TOptions>
    where TOptions : class
{
    private static readonly string[] Known = [.. typeof(TOptions).GetProperties().Select(property => property.Name)];

    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        string[] unknown =
        [
            .. section.GetChildren()
                .Where(child => !Known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                .Select(child => $"'{child.Path}' is not an option of MlOps.Sdk. " + (NearestName.Find(child.Key, Known) is { } near
                    ? $"Did you mean '{near}'?"
                    : $"The options are {string.Join(", ", Known)}.")),

            // Every option is a single value: what is below one would be ignored.
            .. section.GetChildren()
                .Where(child => Known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                .SelectMany(child => child.GetChildren().Select(below =>
                    $"'{below.Path}' is not an option of MlOps.Sdk. Set '{child.Path}' to a single value.")),
        ];
        return unknown.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(unknown);
    }
}
