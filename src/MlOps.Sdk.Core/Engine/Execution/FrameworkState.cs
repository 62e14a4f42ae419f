using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Execution;

/// <summary>
/// What objects of the framework hold that can be told: by their public properties, not by fields that a patch may change.
/// </summary>
/// <param name="Name">What it is.</param>
/// <param name="Values">What it holds.</param>
/// <param name="Opaque">Why it cannot be told, as the end of a sentence; <see langword="null"/> when it can.</param>
internal sealed record FrameworkState(string Name, IEnumerable<object?> Values, string? Opaque = null)
{
    private static readonly Dictionary<object, string> Known = new(ReferenceEqualityComparer.Instance)
    {
        [JavaScriptEncoder.Default] = "default encoder",
        [JavaScriptEncoder.UnsafeRelaxedJsonEscaping] = "relaxed encoder",
        [ReferenceHandler.Preserve] = "preserve",
        [ReferenceHandler.IgnoreCycles] = "ignore cycles",
        [JsonNamingPolicy.CamelCase] = "camel case",
        [JsonNamingPolicy.KebabCaseLower] = "kebab case, lower",
        [JsonNamingPolicy.KebabCaseUpper] = "kebab case, upper",
        [JsonNamingPolicy.SnakeCaseLower] = "snake case, lower",
        [JsonNamingPolicy.SnakeCaseUpper] = "snake case, upper",
    };

    // What differs between a reader and who made it, or before and after a first use.
    private static readonly string[] Ignored = ["IsReadOnly", "TypeInfoResolver", "Calendar", "NativeCalendarName"];

    /// <summary>What an object holds; <see langword="null"/> for objects that are described in another way.</summary>
    public static FrameworkState? Of(object value) => value switch
    {
        _ when Known.TryGetValue(value, out var name) => new(name, []),
        CultureInfo culture when culture.GetType() == typeof(CultureInfo) => OfCulture(culture),
        CultureInfo => new("culture", [], "holds a culture of a class of its own, whose state cannot be described"),
        NumberFormatInfo numbers => new("numbers", Properties(numbers)),
        DateTimeFormatInfo dates => new("dates", [.. Properties(dates), .. OfCalendar(dates.Calendar)]),
        TimeZoneInfo zone => new("time zone", [zone.ToSerializedString()]),
        Encoding encoding when CodeOrigins.Of(encoding.GetType()) == CodeOrigin.Framework => new(
            $"encoding:{encoding.WebName}",
            [encoding.GetPreamble(), Fallback(encoding.EncoderFallback), Fallback(encoding.DecoderFallback)]),
        CompositeFormat format => new("format", [format.Format]),
        JsonSerializerOptions options => new("JSON options", [.. Properties(options)]),
        JsonSerializerContext context => new("JSON context", [context.GetType()]),
        DefaultJsonTypeInfoResolver resolver when resolver.GetType() == typeof(DefaultJsonTypeInfoResolver) =>
            new("JSON types", resolver.Modifiers),
        JsonStringEnumConverter converter when converter.GetType() == typeof(JsonStringEnumConverter) =>
            new("names of enumerations", Fields(converter, typeof(JsonStringEnumConverter))),
        _ when value.GetType() == typeof(object) => new("object", []),
        _ when IsLazy(value.GetType()) => IsMade(value)
            ? new($"lazy {CodeNames.Written(value.GetType())}", [value.GetType().GetProperty("Value")!.GetValue(value)])
            : new("lazy", [], "holds a Lazy whose value is not made yet"),
        _ => null,
    };

    /// <summary>Whether a lazy value was made.</summary>
    public static bool IsMade(object lazy) => lazy.GetType().GetProperty("IsValueCreated")?.GetValue(lazy) is true;

    // A culture is what its name says, and what was changed in it.
    private static FrameworkState OfCulture(CultureInfo culture)
    {
        var named = CultureInfo.GetCultureInfo(culture.Name);
        return new($"culture:{culture.Name}",
        [
            .. culture.CompareInfo.Name == named.CompareInfo.Name ? Array.Empty<object?>() : [culture.CompareInfo.Name],
            .. Changed(culture.NumberFormat, named.NumberFormat),
            .. Changed(culture.DateTimeFormat, named.DateTimeFormat),
            .. OfCalendar(culture.Calendar).SequenceEqual(OfCalendar(named.Calendar)) ? [] : OfCalendar(culture.Calendar),
        ]);
    }

    private static object?[] Changed(object formats, object named)
    {
        var before = new ObjectText();
        var now = new ObjectText();
        ObjectState.Describe(named, before);
        ObjectState.Describe(formats, now);
        return before.Key == now.Key ? [] : [formats];
    }

    private static object?[] OfCalendar(Calendar calendar) => [calendar.GetType(), calendar.TwoDigitYearMax];

    private static IEnumerable<object?> Properties(object value) =>
        from property in value.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .OrderBy(property => property.Name, StringComparer.Ordinal)
        where property.CanRead && property.GetIndexParameters().Length == 0 && !Ignored.Contains(property.Name)
        from part in new[] { property.Name, PartOf(value, property) }
        select part;

    // Options get the default resolver when they are first used.
    private static object? PartOf(object value, PropertyInfo property) => property.GetValue(value) switch
    {
        IList<IJsonTypeInfoResolver> { Count: 0 } => new IJsonTypeInfoResolver[] { new DefaultJsonTypeInfoResolver() },
        IList<IJsonTypeInfoResolver> resolvers => resolvers.ToArray(),
        IList<JsonConverter> converters => converters.ToArray(),
        var part => part,
    };

    // What replaces a character that cannot be read or written.
    private static object? Fallback(object fallback) => fallback switch
    {
        EncoderReplacementFallback replacement => replacement.DefaultString,
        DecoderReplacementFallback replacement => replacement.DefaultString,
        _ when CodeOrigins.Of(fallback.GetType()) == CodeOrigin.Framework => fallback.GetType(),
        _ => fallback,
    };

    private static IEnumerable<object?> Fields(object value, Type declaring) =>
        declaring.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .OrderBy(field => field.Name, StringComparer.Ordinal)
            .Select(field => field.GetValue(value));

    private static bool IsLazy(Type type) => type.IsConstructedGenericType && type.GetGenericTypeDefinition() == typeof(Lazy<>);
}
