using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Execution;

/// <summary>
/// Describes an object by its type, the code of the type, and the values of its fields.
/// Two objects with the same description behave alike. What cannot be described (a delegate that captures state, a handle, a
/// framework service) makes it opaque.
/// </summary>
internal static class ObjectState
{
    private const int MaxDepth = 32;

    /// <summary>Appends the description.</summary>
    /// <returns>Why the object is opaque, as the end of a sentence; <see langword="null"/> when it is fully described.</returns>
    public static string? Describe(object? value, ObjectText to) =>
        Describe(value, to, new HashSet<object>(ReferenceEqualityComparer.Instance), 0);

    private static string? Describe(object? value, ObjectText to, HashSet<object> path, int depth)
    {
        switch (value)
        {
            case null:
                to.State.Append("null;");
                return null;
            case string text:
                to.State.Append('"').Append(text.Length).Append(':').Append(text).Append(';');
                return null;
            case Type type:
                CodeNames.Write(type, to.State);
                to.State.Append(';');
                if (!IsOfFramework(type)) to.Code.Add(UserCode.OfMembers(type));
                return null;
            case StringComparer:
                return DescribeComparer(value, to, path, depth);
            case Regex regex:
                to.State.Append(CultureInfo.InvariantCulture, $"regex({regex.Options}){regex};");
                return null;
            case Encoding encoding:
                to.State.Append("encoding:").Append(encoding.WebName).Append(';');
                return null;
            case Uri uri:
                to.State.Append("uri:").Append(uri.OriginalString).Append(';');
                return null;
            case Delegate function:
                return DescribeDelegate(function, to, path, depth);
            case IFormattable formattable when IsScalar(value.GetType()):
                to.State
                    .Append(formattable is double or float or DateTime or DateTimeOffset
                        ? formattable.ToString(formattable is double or float ? "R" : "O", CultureInfo.InvariantCulture)
                        : formattable.ToString(null, CultureInfo.InvariantCulture))
                    .Append(';');
                return null;
            case bool or char:
                to.State.Append(value).Append(';');
                return null;
        }

        if (FrameworkState.Of(value) is { } parts)
        {
            if (parts.Opaque is not null) return parts.Opaque;
            if (!path.Add(value))
            {
                to.State.Append("cycle;");
                return null;
            }

            to.State.Append(parts.Name).Append('(');
            var unknown = parts.Values.Select(part => Describe(part, to, path, depth + 1)).FirstOrDefault(opaque => opaque is not null);
            to.State.Append(')');
            path.Remove(value);
            return unknown;
        }

        if (depth > MaxDepth) return "is nested too deeply to be described";
        if (!path.Add(value))
        {
            to.State.Append("cycle;");
            return null;
        }

        try
        {
            if (value is not IEnumerable items || !IsCollection(value.GetType())) return DescribeFields(value, to, path, depth);
            return IsUnordered(value.GetType()) ? DescribeSet(items, to, path, depth) : DescribeItems(items, to, path, depth);
        }
        finally
        {
            path.Remove(value);
        }
    }

    private static string? DescribeItems(IEnumerable items, ObjectText to, HashSet<object> path, int depth)
    {
        to.State.Append('[');
        foreach (var item in items)
        {
            if (Describe(item, to, path, depth + 1) is { } opaque) return opaque;
        }

        to.State.Append(']');
        return null;
    }

    // Sets and dictionaries may enumerate by hashes that differ in every process.
    private static string? DescribeSet(IEnumerable items, ObjectText to, HashSet<object> path, int depth)
    {
        var type = items.GetType();
        if ((type.GetProperty("Comparer") ?? type.GetProperty("KeyComparer"))?.GetValue(items) is { } comparer
            && DescribeComparer(comparer, to, path, depth) is { } unknown)
        {
            return unknown;
        }
        var descriptions = new List<ObjectText>();
        foreach (var item in items)
        {
            var description = new ObjectText();
            if (Describe(item, description, path, depth + 1) is { } opaque) return opaque;
            descriptions.Add(description);
        }

        to.State.Append('(');
        foreach (var description in descriptions.OrderBy(text => text.Key, StringComparer.Ordinal)) to.Add(description);
        to.State.Append(')');
        return null;
    }

    private static string? DescribeComparer(object comparer, ObjectText to, HashSet<object> path, int depth)
    {
        to.State.Append("comparer:");
        if (comparer is IEqualityComparer<string?> ordinal && StringComparer.IsWellKnownOrdinalComparer(ordinal, out var ignoreCase))
        {
            to.State.Append(ignoreCase ? "ordinal, any case;" : "ordinal;");
            return null;
        }

        if (comparer is IEqualityComparer<string?> aware
            && StringComparer.IsWellKnownCultureAwareComparer(aware, out var culture, out var options))
        {
            to.State.Append(CultureInfo.InvariantCulture, $"culture {culture.Name} {options};");
            return null;
        }

        if (!IsFramework(comparer.GetType()) || HasState(comparer.GetType())) return Describe(comparer, to, path, depth + 1);
        DescribeType(comparer.GetType(), to);
        return null;
    }

    private static string? DescribeFields(object value, ObjectText to, HashSet<object> path, int depth)
    {
        var type = value.GetType();
        if (IsFramework(type) && !type.IsValueType && !type.FullName!.StartsWith("System.Tuple", StringComparison.Ordinal))
        {
            return $"holds a {type.Name}, whose state cannot be described";
        }
        DescribeType(type, to);
        to.State.Append('{');
        for (var declaring = type;
            declaring is not null && declaring != typeof(object) && declaring != typeof(ValueType);
            declaring = declaring.BaseType)
        {
            foreach (var field in declaring
                .GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                .OrderBy(field => field.Name, StringComparer.Ordinal))
            {
                // The compiler keeps a lambda's delegate in such a field once it was used.
                if (field.Name.StartsWith("<>9__", StringComparison.Ordinal)
                    || field.IsDefined(typeof(NotInFingerprintAttribute), inherit: false))
                {
                    continue;
                }
                to.State.Append(field.Name).Append('=');
                if (Describe(field.GetValue(value), to, path, depth + 1) is { } opaque) return opaque;
            }
        }

        to.State.Append('}');
        return null;
    }

    private static string? DescribeDelegate(Delegate function, ObjectText to, HashSet<object> path, int depth)
    {
        foreach (var single in function.GetInvocationList())
        {
            var method = single.Method;
            if (single.Target is { } target && HasState(target.GetType()))
            {
                // What the library's own closures hold is what a user wrote as arguments; what a user's closure
                // holds may change behind our back.
                if (target.GetType().Assembly != typeof(ObjectState).Assembly)
                {
                    return $"captures state ({method.DeclaringType?.DeclaringType?.Name ?? method.DeclaringType?.Name})";
                }
                if (Describe(target, to, path, depth + 1) is { } opaque) return opaque;
            }
            else if (single.Target is { } stateless && !CodeNames.IsGenerated(stateless.GetType()))
            {
                // What it overrides may be called.
                DescribeType(stateless.GetType(), to);
            }

            var reached = UserCode.OfMethod(method);
            to.State.Append("delegate:").Append(reached.Name).Append(';');
            to.Code.Add(reached);
        }

        return null;
    }

    private static void DescribeType(Type type, ObjectText to)
    {
        CodeNames.Write(type, to.State);
        to.State.Append(';');
        if (!IsOfFramework(type)) to.Code.Add(UserCode.OfObject(type));
    }

    private static bool IsOfFramework(Type type) => CodeOrigins.Of(type) == CodeOrigin.Framework
        && (!type.IsConstructedGenericType || type.GetGenericArguments().All(IsOfFramework))
        && (!type.HasElementType || IsOfFramework(type.GetElementType()!));

    // Asked for all fields at once, a type does not tell the private ones of the types below it.
    private static bool HasState(Type type)
    {
        for (var declaring = type; declaring is not null; declaring = declaring.BaseType)
        {
            if (declaring.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly).Length
                > 0)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsUnordered(Type type) =>
        !typeof(IList).IsAssignableFrom(type) && (typeof(IDictionary).IsAssignableFrom(type) || type.GetInterfaces().Any(implemented =>
            implemented.IsGenericType && implemented.GetGenericTypeDefinition() is var kind && (kind == typeof(IReadOnlySet<>)
                || kind == typeof(ISet<>)
                || kind == typeof(IReadOnlyDictionary<,>)
                || kind == typeof(IDictionary<,>))));

    private static bool IsScalar(Type type) => type.IsPrimitive
        || type.IsEnum
        || type == typeof(decimal)
        || type == typeof(DateTime)
        || type == typeof(DateTimeOffset)
        || type == typeof(DateOnly)
        || type == typeof(TimeOnly)
        || type == typeof(TimeSpan)
        || type == typeof(Guid)
        || type == typeof(Int128)
        || type == typeof(UInt128);

    private static bool IsCollection(Type type) => type.IsArray
        || (IsFramework(type) && type.Namespace!.StartsWith("System.Collections", StringComparison.Ordinal))
        || type.IsDefined(typeof(CompilerGeneratedAttribute), false) && typeof(IList).IsAssignableFrom(type);

    private static bool IsFramework(Type type) => type.Namespace is { } name
        && (name == "System"
            || name.StartsWith("System.", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.", StringComparison.Ordinal));
}
