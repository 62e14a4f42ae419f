using System.Reflection;
using System.Runtime.CompilerServices;

namespace MlOps.Sdk.Plugins;

/// <summary>Which calls leave open what code runs, or who looks at it.</summary>
internal static class OpenCalls
{
    // A type or a namespace (with a dot at its end) of the framework, and its methods; an empty list means all.
    private static readonly (string Owner, string[] Methods)[] Lookups =
    [
        ("System.Activator", ["CreateInstance", "CreateInstanceFrom"]),
        ("System.AppDomain", []),
        ("System.Attribute", ["GetCustomAttribute", "GetCustomAttributes", "IsDefined"]),
        ("System.Delegate", ["CreateDelegate", "DynamicInvoke"]),
        ("System.Type", ["InvokeMember", "FindMembers", "FindInterfaces", "MakeGenericType", "get_Assembly", "get_Module", "GetType"]),
        ("System.IServiceProvider", []),
        ("System.Linq.Expressions.LambdaExpression", ["Compile", "CompileToMethod"]),
        ("System.Linq.Expressions.Expression`1", ["Compile"]),
        ("System.Dynamic.", []),
        ("System.Reflection.", []),
        ("System.Runtime.Loader.", []),
        ("System.Runtime.InteropServices.NativeLibrary", []),
        ("System.Runtime.InteropServices.Marshal", ["GetDelegateForFunctionPointer"]),
        ("System.ComponentModel.Composition.", []),
        ("System.Composition.", []),
        ("Microsoft.Extensions.DependencyInjection.", []),
        ("Microsoft.VisualBasic.CompilerServices.", ["LateGet", "LateCall", "LateIndexGet", "LateSet"]),
    ];

    // Look at the members of objects that they are given.
    private static readonly (string Owner, string[] Methods)[] Viewers =
    [
        ("System.Text.Json.", []),
        ("System.Xml.Serialization.", []),
        ("System.Runtime.Serialization.", []),
        ("System.ComponentModel.TypeDescriptor", []),
        ("System.ComponentModel.DataAnnotations.", []),
        ("System.Net.Http.Json.", []),
        ("System.Linq.Expressions.", []),
        ("Microsoft.Extensions.Configuration.", []),
        ("Microsoft.Extensions.Options.", []),
    ];

    // What the compiler calls of its own accord on members that the code names.
    private static readonly string[] Named = ["GetMethodFromHandle", "GetFieldFromHandle", "GetConstructorFromHandle"];

    /// <summary>
    /// Why a call of the framework leaves open what runs, as a clause after the caller; <see langword="null"/> when it does not.
    /// </summary>
    public static string? WhyOpen(MethodBase callee)
    {
        var owner = Definition(callee.DeclaringType);
        if (owner?.FullName is not { } name) return null;
        if (name.StartsWith("Microsoft.CSharp.RuntimeBinder.", StringComparison.Ordinal)
            || name.StartsWith("System.Runtime.CompilerServices.CallSite", StringComparison.Ordinal))
        {
            return "uses dynamic, which finds code at run time";
        }
        return Is(Lookups, name, callee) && !IsClear(callee) || IsSearch(owner, callee)
            ? $"calls {CodeNames.Of(callee)}, which finds code at run time"
            : null;
    }

    /// <summary>Whether a call of the framework looks at the members of what it is given.</summary>
    public static bool IsViewer(MethodBase callee) =>
        Definition(callee.DeclaringType)?.FullName is { } name && Is(Viewers, name, callee);

    // Type.GetMethod, GetProperties, … find members by name; Type.Name and the like say what is known.
    private static bool IsSearch(Type owner, MethodBase callee) => owner == typeof(Type)
        && callee.Name.StartsWith("Get", StringComparison.Ordinal)
        && (callee is MethodInfo { ReturnType: var found } && Element(found) is var member
            && (typeof(MemberInfo).IsAssignableFrom(member) && member != typeof(Type)
                || callee.Name is "GetNestedType" or "GetNestedTypes" or "GetInterface" or "GetInterfaces" or "GetInterfaceMap"
                    or "GetTypeFromProgID" or "GetTypeFromCLSID"))
        || owner == typeof(RuntimeHelpers) && callee.Name == nameof(RuntimeHelpers.GetUninitializedObject);

    private static bool IsClear(MethodBase callee) =>
        Named.Contains(callee.Name)
        || callee.DeclaringType == typeof(MemberInfo) && callee.Name == "get_Name"
        || callee is { DeclaringType: var owner, Name: "CreateInstance", IsGenericMethod: true } && owner == typeof(Activator)
        || callee.DeclaringType == typeof(Type) && callee is { Name: "GetType", IsStatic: false };

    private static bool Is((string Owner, string[] Methods)[] entries, string owner, MethodBase callee)
    {
        foreach (var (name, methods) in entries)
        {
            if (name.EndsWith('.') ? owner.StartsWith(name, StringComparison.Ordinal) : owner == name)
            {
                return methods.Length == 0 || methods.Contains(callee.Name);
            }
        }

        return false;
    }

    private static Type Element(Type type) => type.HasElementType ? type.GetElementType()! : type;

    private static Type? Definition(Type? type) => type is { IsConstructedGenericType: true } ? type.GetGenericTypeDefinition() : type;
}
