using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
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
        Describe(value, to, new Dictionary<object, int>(ReferenceEqualityComparer.Instance));

    // The path has the objects around the value, and how deep each is. A type that is known needs no words.
    private static string? Describe(object? value, ObjectText to, Dictionary<object, int> path, Type? known = null)
    {
        switch (value)
        {
            case null:
                to.State.Append("null;");
                return null;
            case string text:
                Quote(text, to);
                return null;
            case Type type:
                to.State.Append("type:");
                CodeNames.Write(type, to.State);
                to.State.Append(';');
                if (!IsOfFramework(type)) to.Code.Add(UserCode.OfMembers(type));
                return null;
            case StringComparer:
                return DescribeComparer(value, to, path);
            case Regex regex:
                to.State.Append(CultureInfo.InvariantCulture, $"regex({regex.Options},{regex.MatchTimeout})");
                Quote(regex.ToString(), to);
                return null;
            case Uri uri:
                to.State.Append(uri.IsAbsoluteUri ? "uri:" : "relative uri:");
                Quote(uri.OriginalString, to);
                return null;
            case Delegate function:
                return DescribeDelegate(function, to, path);
            case bool or char or IFormattable when IsScalar(value.GetType()):
                DescribeScalar(value, to, known);
                return null;
        }

        if (path.TryGetValue(value, out var above))
        {
            to.State.Append(CultureInfo.InvariantCulture, $"cycle:{above};");
            return null;
        }

        if (path.Count > MaxDepth) return "is nested too deeply to be described";
        path.Add(value, path.Count);
        try
        {
            if (FrameworkState.Of(value) is { } parts)
            {
                if (parts.Opaque is not null) return parts.Opaque;
                to.State.Append(parts.Name).Append('(');
                var unknown = parts.Values.Select(part => Describe(part, to, path)).FirstOrDefault(opaque => opaque is not null);
                to.State.Append(')');
                return unknown;
            }

            return CollectionKind.Of(value.GetType()) is { } kind
                ? DescribeCollection(value, kind, to, path)
                : DescribeFields(value, to, path);
        }
        finally
        {
            path.Remove(value);
        }
    }

    private static void Quote(string text, ObjectText to) => to.State.Append('"').Append(text.Length).Append(':').Append(text).Append(';');

    // One and the same number of two types is not the same value: code may ask for the type.
    private static void DescribeScalar(object value, ObjectText to, Type? known)
    {
        var type = value.GetType();
        if (type.IsEnum) DescribeType(type, to);
        else if (type != known)
        {
            CodeNames.Write(type, to.State);
            to.State.Append(':');
        }

        to.State
            .Append(value switch
            {
                double number => double.IsNaN(number) ? $"NaN {BitConverter.DoubleToUInt64Bits(number):x}" : Format("R"),
                float number => float.IsNaN(number) ? $"NaN {BitConverter.SingleToUInt32Bits(number):x}" : Format("R"),
                decimal number => $"{(decimal.IsNegative(number) ? '-' : '+')}{Math.Abs(number).ToString(CultureInfo.InvariantCulture)}",
                DateTime or DateTimeOffset or DateOnly or TimeOnly => Format("O"),
                Enum => Format("D"),
                IFormattable => Format(null),
                _ => value,
            })
            .Append(';');

        string Format(string? format) => ((IFormattable)value).ToString(format, CultureInfo.InvariantCulture);
    }

    private static string? DescribeCollection(object value, CollectionKind kind, ObjectText to, Dictionary<object, int> path)
    {
        CodeNames.Write(kind.Type, to.State);
        foreach (var comparer in kind.ComparersOf(value))
        {
            if (DescribeComparer(comparer, to, path) is { } unknown) return unknown;
        }

        switch (value)
        {
            case Array array:
                for (var i = 0; i < array.Rank; i++)
                {
                    to.State.Append(CultureInfo.InvariantCulture, $" {array.GetLowerBound(i)}+{array.GetLength(i)}");
                }
                break;
            case IList when CodeText.Definition(kind.Type) == typeof(ImmutableArray<>)
                && kind.Type.GetProperty(nameof(ImmutableArray<>.IsDefault))!.GetValue(value) is true:
                to.State.Append(" default;");
                return null;
        }

        return kind.ContentOf(value) switch
        {
            null => DescribeItems((IEnumerable)value, kind, to, path),
            var content when value is IEnumerable => Describe(content, to, path),
            var items => DescribeItems(items, kind, to, path),
        };
    }

    private static string? DescribeItems(IEnumerable items, CollectionKind kind, ObjectText to, Dictionary<object, int> path)
    {
        var hasOrder = kind.HasOrder(items);
        var texts = new List<ObjectText>();
        to.State.Append(hasOrder ? '[' : '(');
        for (var at = items is IDictionary entries ? entries.GetEnumerator() : items.GetEnumerator(); at.MoveNext();)
        {
            var text = hasOrder ? to : new ObjectText();
            var unknown = at is IDictionaryEnumerator entry && items is IDictionary
                ? Describe(entry.Key, text, path, kind.Item) ?? Describe(entry.Value, text, path, kind.Value)
                : Describe(at.Current, text, path, kind.Item);
            if (unknown is not null) return unknown;
            if (!hasOrder) texts.Add(text);
        }

        // Hashes may differ in every process.
        foreach (var text in texts.OrderBy(text => text.Key, StringComparer.Ordinal)) to.Add(text);
        to.State.Append(hasOrder ? ']' : ')');
        return null;
    }

    private static string? DescribeComparer(object comparer, ObjectText to, Dictionary<object, int> path)
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

        if (!IsFramework(comparer.GetType()) || HasState(comparer.GetType()))
        {
            // A comparer of texts that is none of the framework comes from here.
            return comparer is StringComparer ? DescribeFields(comparer, to, path) : Describe(comparer, to, path);
        }
        DescribeType(comparer.GetType(), to);
        return null;
    }

    private static string? DescribeFields(object value, ObjectText to, Dictionary<object, int> path)
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
            // What a collection of the framework holds, whatever fields it holds it in.
            if (declaring != type && CollectionKind.Of(declaring) is { } kind && CollectionKind.IsEnumeratedByFramework(type))
            {
                if (DescribeCollection(value, kind, to, path) is { } unknown) return unknown;
                break;
            }

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
                if (Describe(field.GetValue(value), to, path) is { } opaque) return opaque;
            }
        }

        to.State.Append('}');
        return null;
    }

    private static string? DescribeDelegate(Delegate function, ObjectText to, Dictionary<object, int> path)
    {
        CodeNames.Write(function.GetType(), to.State);
        to.State.Append('(');
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
                if (Describe(target, to, path) is { } opaque) return opaque;
            }
            else if (single.Target is { } stateless && !CodeNames.IsGenerated(stateless.GetType()))
            {
                // What it overrides may be called.
                DescribeType(stateless.GetType(), to);
            }

            var reached = UserCode.OfMethod(method);
            to.State.Append("delegate:").Append(reached.Name).Append(';');
            to.Code.Add(reached);

            // The code of the framework does not count: which of it is called does.
            if (method.DeclaringType is not { } owner || CodeOrigins.Of(owner) != CodeOrigin.Framework) continue;
            CodeNames.Write(owner, to.State);
            Quote(method.ToString()!, to);
        }

        to.State.Append(')');
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
        if (type.IsArray) return true;
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

    private static bool IsFramework(Type type) => type.Namespace is { } name
        && (name == "System"
            || name.StartsWith("System.", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.", StringComparison.Ordinal));
}
