using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Plugins;

/// <summary>What static fields hold: what the code cannot tell.</summary>
internal static class StaticFields
{
    // Cannot change once they are made, or decide no result.
    private static readonly HashSet<Type> Settled =
    [
        typeof(CompositeFormat), typeof(SearchValues<>), typeof(TimeZoneInfo), typeof(JsonSerializerOptions),
        typeof(JsonSerializerContext), typeof(NumberFormatInfo), typeof(Comparer<>), typeof(EqualityComparer<>),
        typeof(Lock), typeof(SemaphoreSlim), typeof(TimeProvider),
        typeof(ActivitySource), typeof(Meter), typeof(Counter<>), typeof(Histogram<>),
    ];

    /// <summary>Whether how the field is first set decides for good what it holds, or no result depends on it.</summary>
    public static bool IsSettled(FieldInfo field)
    {
        if (!field.IsInitOnly) return false;
        var type = field.FieldType;
        if (type == typeof(object) || IsScalar(type) && field.DeclaringType!.ContainsGenericParameters) return true;
        for (var kind = type; kind is not null && kind != typeof(object); kind = kind.BaseType)
        {
            if (Settled.Contains(CodeText.Definition(kind))) return true;
        }

        return type.IsConstructedGenericType
            && (type.GetGenericTypeDefinition() == typeof(Lazy<>) && IsScalar(type.GetGenericArguments()[0])

                // What the compiler keeps to write a line of a log.
                || typeof(Delegate).IsAssignableFrom(type) && type.GetGenericArguments()[0] == typeof(ILogger));
    }

    /// <summary>Why what the field holds cannot be told, as a clause; <see langword="null"/> when it can be read.</summary>
    public static string? WhyOpaque(FieldInfo field) =>
        field.IsDefined(typeof(ThreadStaticAttribute), inherit: false) ? "which every thread has for itself"
        : field.DeclaringType!.ContainsGenericParameters ? "which every construction of its generic type has for itself"
        : null;

    /// <summary>The bytes of a field that the compiler filled with data; <see langword="null"/> for others.</summary>
    public static byte[]? Data(FieldInfo field)
    {
        if ((field.Attributes & FieldAttributes.HasFieldRVA) == 0) return null;
        var bytes = new byte[field.FieldType.StructLayoutAttribute is { Size: > 0 } layout
            ? layout.Size
            : Marshal.SizeOf(field.FieldType)];
        RuntimeHelpers.InitializeArray(bytes, field.FieldHandle);
        return bytes;
    }

    private static bool IsScalar(Type type) =>
        type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(decimal) || type == typeof(DateTime)
        || type == typeof(DateTimeOffset) || type == typeof(TimeSpan) || type == typeof(Guid)
        || type == typeof(Regex);
}
