using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Reflection.Emit;
using System.Resources;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Plugins;

/// <summary>What static fields hold: what the code cannot tell.</summary>
internal static class StaticFields
{
    // Cannot change once they are made, and are made by the code alone; or decide no result.
    private static readonly HashSet<Type> Settled =
    [
        typeof(SearchValues<>), typeof(JsonSerializerContext), typeof(Lock), typeof(SemaphoreSlim), typeof(TimeProvider),
        typeof(ActivitySource), typeof(Meter), typeof(Counter<>), typeof(Histogram<>),
    ];

    // What may stand in an initializer whose result depends on nothing else.
    private static readonly HashSet<Type> Constant =
    [
        typeof(object), typeof(Type), typeof(string), typeof(Math), typeof(decimal), typeof(TimeSpan), typeof(Regex), typeof(Lock),
        typeof(MemberInfo),
    ];

    /// <summary>Whether how the field is first set decides for good what it holds, or no result depends on it.</summary>
    public static bool IsSettled(FieldInfo field)
    {
        if (!field.IsInitOnly) return false;
        var type = field.FieldType;

        // Each construction of a generic type has a value of its own. Only constants are the same in all.
        if (IsScalar(type) && field.DeclaringType!.ContainsGenericParameters) return IsConstant(field.DeclaringType);
        for (var kind = type; kind is not null && kind != typeof(object); kind = kind.BaseType)
        {
            if (Settled.Contains(CodeText.Definition(kind))) return true;
        }

        // What the compiler keeps to write a line of a log.
        return type.IsConstructedGenericType
            && typeof(Delegate).IsAssignableFrom(type)
            && type.GetGenericArguments()[0] == typeof(ILogger);
    }

    /// <summary>Whether the code that makes a value later is that of the type's initializer.</summary>
    public static bool IsLazy(FieldInfo field) => field is { IsInitOnly: true, FieldType: { IsConstructedGenericType: true } type }
        && type.GetGenericTypeDefinition() == typeof(Lazy<>);

    /// <summary>
    /// The code that fills a field with the resources of the application, where it alone decides which; <see langword="null"/> for other
    /// fields. Until it runs, the field is empty.
    /// </summary>
    public static IReadOnlyList<MethodBase>? ResourceMakers(FieldInfo field)
    {
        if (field.FieldType != typeof(ResourceManager) || !field.IsPrivate && !field.IsInitOnly) return null;
        if (field.DeclaringType!.IsGenericType) return null;
        var makers = MethodsIn(field.DeclaringType).Where(method => Sets(method, field)).ToArray();
        return Array.TrueForAll(makers, method => method.IsStatic && method.GetParameters().Length == 0) ? makers : null;

        static IEnumerable<MethodBase> MethodsIn(Type type) =>
            type.GetMembers(CodeWalk.Declared).OfType<MethodBase>().Concat(type.GetNestedTypes(CodeWalk.Declared).SelectMany(MethodsIn));

        static bool Sets(MethodBase method, FieldInfo field) =>
            method.GetMethodBody()?.GetILAsByteArray() is { } il
            && new IlBody(il).Instructions.Any(instruction => instruction.Value == field.MetadataToken
                && (instruction.Code == OpCodes.Stsfld || instruction.Code == OpCodes.Ldsflda));
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

    private static bool IsConstant(Type type)
    {
        if (CodeText.Definition(type).TypeInitializer is not { } made) return true;
        if (made.GetMethodBody()?.GetILAsByteArray() is not { } il) return false;
        var arguments = CodeText.Definition(type).GetGenericArguments();
        return new IlBody(il).Instructions.All(instruction => instruction.Code.OperandType switch
        {
            OperandType.InlineMethod => made.Module.ResolveMethod((int)instruction.Value, arguments, null) is { DeclaringType: { } owner }
                && (Constant.Contains(owner) || IsCollection(owner)),
            OperandType.InlineField => instruction.Code == OpCodes.Stsfld,
            OperandType.InlineSig => false,
            _ => true,
        });
    }

    private static bool IsCollection(Type type) => CodeOrigins.Of(type) == CodeOrigin.Framework
        && type.Namespace?.StartsWith("System.Collections.", StringComparison.Ordinal) == true;

    private static bool IsScalar(Type type) =>
        type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(decimal) || type == typeof(DateTime)
        || type == typeof(DateTimeOffset) || type == typeof(TimeSpan) || type == typeof(Guid)
        || type == typeof(Regex);
}
