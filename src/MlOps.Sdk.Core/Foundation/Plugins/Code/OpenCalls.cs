using System.Reflection;
using System.Runtime.CompilerServices;

namespace MlOps.Sdk.Plugins;

/// <summary>Which calls leave open what code runs, or who looks at it.</summary>
internal static class OpenCalls
{
    // A type or a namespace (with a dot at its end) of the framework, and its methods; an empty list means all. The first that fits counts.
    private static readonly (string Owner, string[] Methods, CodeFinding Finds)[] Lookups =
    [
        ("System.Activator", ["CreateInstance"], CodeFinding.Members),
        ("System.Activator", ["CreateInstanceFrom"], CodeFinding.Types),
        ("System.AppDomain", ["get_CurrentDomain", "get_BaseDirectory", "get_FriendlyName"], CodeFinding.Contents),
        ("System.AppDomain", [], CodeFinding.Types),
        ("System.Attribute", ["GetCustomAttribute", "GetCustomAttributes", "IsDefined"], CodeFinding.Members),
        ("System.Delegate", ["CreateDelegate", "DynamicInvoke"], CodeFinding.Members),
        ("System.Type", ["InvokeMember", "FindInterfaces", "MakeGenericType"], CodeFinding.Members),
        ("System.Type", ["get_Assembly", "get_Module"], CodeFinding.Contents),
        ("System.Type", ["GetType", "FindMembers", "get_DeclaringType", "get_ReflectedType"], CodeFinding.Types),
        ("System.IServiceProvider", [], CodeFinding.Types),
        ("System.Linq.Expressions.LambdaExpression", ["Compile", "CompileToMethod"], CodeFinding.Members),
        ("System.Linq.Expressions.Expression`1", ["Compile"], CodeFinding.Members),
        ("System.Dynamic.", [], CodeFinding.Members),
        (
            "System.Reflection.Assembly",
            [
                "GetManifestResourceStream", "GetManifestResourceNames", "GetManifestResourceInfo", "GetName", "get_FullName",
                "get_Location", "GetExecutingAssembly", "GetCallingAssembly", "GetEntryAssembly", "GetAssembly",
            ],
            CodeFinding.Contents),
        ("System.Reflection.AssemblyName", [], CodeFinding.Contents),
        ("System.Reflection.Module", ["get_ModuleVersionId", "get_Name", "get_Assembly"], CodeFinding.Contents),
        ("System.Reflection.MemberInfo", ["get_DeclaringType", "get_ReflectedType", "get_Module"], CodeFinding.Types),
        ("System.Reflection.MethodBase", ["GetCurrentMethod"], CodeFinding.Types),
        ("System.Reflection.MemberInfo", [], CodeFinding.Members),
        ("System.Reflection.MethodBase", [], CodeFinding.Members),
        ("System.Reflection.MethodInfo", [], CodeFinding.Members),
        ("System.Reflection.ConstructorInfo", [], CodeFinding.Members),
        ("System.Reflection.FieldInfo", [], CodeFinding.Members),
        ("System.Reflection.PropertyInfo", [], CodeFinding.Members),
        ("System.Reflection.EventInfo", [], CodeFinding.Members),
        ("System.Reflection.ParameterInfo", [], CodeFinding.Members),
        ("System.Reflection.CustomAttributeData", [], CodeFinding.Members),
        ("System.Reflection.CustomAttributeExtensions", [], CodeFinding.Members),
        ("System.Reflection.RuntimeReflectionExtensions", [], CodeFinding.Members),
        ("System.Reflection.", [], CodeFinding.Types),
        ("System.Resources.", [], CodeFinding.Contents),
        ("System.Runtime.Loader.", [], CodeFinding.Types),
        ("System.Runtime.InteropServices.NativeLibrary", [], CodeFinding.Contents),
        ("System.Runtime.InteropServices.Marshal", ["GetDelegateForFunctionPointer"], CodeFinding.Members),
        ("System.ComponentModel.Composition.", [], CodeFinding.Types),
        ("System.Composition.", [], CodeFinding.Types),
        ("Microsoft.Extensions.DependencyInjection.", [], CodeFinding.Types),
        ("Microsoft.VisualBasic.CompilerServices.", ["LateGet", "LateCall", "LateIndexGet", "LateSet"], CodeFinding.Members),
    ];

    // Look at the members of objects that they are given.
    private static readonly string[] Viewers =
    [
        "System.Text.Json.",
        "System.Xml.Serialization.",
        "System.Runtime.Serialization.",
        "System.ComponentModel.TypeDescriptor",
        "System.ComponentModel.DataAnnotations.",
        "System.Net.Http.Json.",
        "System.Linq.Expressions.",
        "Microsoft.Extensions.Configuration.",
        "Microsoft.Extensions.Options.",
    ];

    // What the compiler calls of its own accord on members that the code names.
    private static readonly string[] Named = ["GetMethodFromHandle", "GetFieldFromHandle", "GetConstructorFromHandle"];

    /// <summary>What a call of the framework or a package leaves open; <see langword="null"/> when nothing.</summary>
    public static OpenCall? Find(MethodBase callee)
    {
        var owner = Definition(callee.DeclaringType);
        if (owner?.FullName is not { } name) return null;
        if (CodeOrigins.Of(owner) == CodeOrigin.Framework)
        {
            if (name.StartsWith("Microsoft.CSharp.RuntimeBinder.", StringComparison.Ordinal)
                || name.StartsWith("System.Runtime.CompilerServices.CallSite", StringComparison.Ordinal))
            {
                return new OpenCall("uses dynamic, which finds code at run time", CodeFinding.Members);
            }

            if (IsClear(callee)) return null;
            var found = SearchOf(owner, callee) ?? Lookup(name, callee.Name);
            if (found is CodeFinding.Contents)
            {
                return new OpenCall($"calls {CodeNames.Of(callee)}, which reads what a module holds beside code", CodeFinding.Contents);
            }

            if (found is not null)
            {
                var finds = callee.GetParameters().Any(parameter => parameter.ParameterType == typeof(string) && owner == typeof(Activator)
                    || IsModule(parameter.ParameterType)) ? CodeFinding.Types : found.Value;
                return new OpenCall($"calls {CodeNames.Of(callee)}, which finds code at run time", finds);
            }
        }

        return callee.GetParameters().Any(parameter => IsModule(parameter.ParameterType))
            ? new OpenCall($"calls {CodeNames.Of(callee)}, which may find code in a module", CodeFinding.Types)
            : null;
    }

    /// <summary>Whether a call reads resources, of which some are in modules of their own, for one language each.</summary>
    public static bool IsOfResources(MethodBase callee) =>
        Definition(callee.DeclaringType)?.FullName?.StartsWith("System.Resources.", StringComparison.Ordinal) == true;

    /// <summary>Whether a call of the framework looks at the members of what it is given.</summary>
    public static bool IsViewer(MethodBase callee) =>
        Definition(callee.DeclaringType)?.FullName is { } name && Viewers.Any(viewer => Is(viewer, name));

    // Type.GetMethod, GetProperties, … find members by name; Type.Name and the like say what is known.
    private static CodeFinding? SearchOf(Type owner, MethodBase callee)
    {
        if (owner == typeof(RuntimeHelpers) && callee.Name == nameof(RuntimeHelpers.GetUninitializedObject)) return CodeFinding.Members;
        if (owner != typeof(Type) || !callee.Name.StartsWith("Get", StringComparison.Ordinal)) return null;

        // Types in a type are members of it.
        if (callee.Name is "GetNestedType" or "GetNestedTypes" or "GetMember" or "GetMembers" or "GetDefaultMembers"
            or "GetMemberWithSameMetadataDefinitionAs" or "GetTypeFromProgID" or "GetTypeFromCLSID")
        {
            return CodeFinding.Types;
        }

        return callee is MethodInfo { ReturnType: var found } && Element(found) is var member
            && (typeof(MemberInfo).IsAssignableFrom(member) && member != typeof(Type)
                || callee.Name is "GetInterface" or "GetInterfaces" or "GetInterfaceMap")
            ? CodeFinding.Members
            : null;
    }

    private static CodeFinding? Lookup(string owner, string method)
    {
        foreach (var (name, methods, finds) in Lookups)
        {
            if (Is(name, owner) && (methods.Length == 0 || methods.Contains(method))) return finds;
        }

        return null;
    }

    private static bool IsModule(Type type) => type.HasElementType ? IsModule(type.GetElementType()!)
        : type.IsConstructedGenericType ? type.GetGenericArguments().Any(IsModule)
        : type == typeof(Assembly) || type == typeof(Module);

    private static bool IsClear(MethodBase callee) =>
        Named.Contains(callee.Name)
        || callee.DeclaringType == typeof(MemberInfo) && callee.Name == "get_Name"
        || callee is { DeclaringType: var owner, Name: "CreateInstance", IsGenericMethod: true } && owner == typeof(Activator)
        || callee.DeclaringType == typeof(Type) && callee is { Name: "GetType", IsStatic: false };

    private static bool Is(string name, string owner) =>
        name.EndsWith('.') ? owner.StartsWith(name, StringComparison.Ordinal) : owner == name;

    private static Type Element(Type type) => type.HasElementType ? type.GetElementType()! : type;

    private static Type? Definition(Type? type) => type is { IsConstructedGenericType: true } ? type.GetGenericTypeDefinition() : type;
}
