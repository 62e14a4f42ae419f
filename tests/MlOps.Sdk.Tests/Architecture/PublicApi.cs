using System.Reflection;
using System.Text;

namespace MlOps.Sdk.Tests.Architecture;

/// <summary>The public surface of an assembly as sorted text, one line a member.</summary>
internal static class PublicApi
{
    public static string Of(Assembly assembly)
    {
        var lines = new List<string>();
        foreach (var type in assembly.GetExportedTypes())
        {
            lines.Add(Describe(type));
            const BindingFlags declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static
                | BindingFlags.DeclaredOnly;
            foreach (var member in type.GetMembers(declared).Where(IsVisible)) lines.Add($"{Name(type)} :: {Describe(member)}");
        }

        lines.Sort(StringComparer.Ordinal);
        return string.Join('\n', lines) + "\n";
    }

    private static bool IsVisible(MemberInfo member) => member switch
    {
        MethodInfo method => IsVisible(method) && !method.IsSpecialName,
        ConstructorInfo constructor => IsVisible(constructor),
        PropertyInfo property => property.GetAccessors(true).Any(IsVisible),
        FieldInfo field => (field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly) && !field.IsSpecialName,
        EventInfo @event => @event.AddMethod is { } add && IsVisible(add),
        _ => false,
    };

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Describe(Type type)
    {
        var kind = type.IsInterface ? "interface"
            : type.IsEnum ? "enum"
            : type.IsSubclassOf(typeof(Delegate)) ? "delegate"
            : type.IsValueType ? "struct"
            : type is { IsAbstract: true, IsSealed: true } ? "static class"
            : type.IsAbstract ? "abstract class"
            : type.IsSealed ? "sealed class"
            : "class";
        var bases = new List<string>();
        if (type.BaseType is { } parent
            && parent != typeof(object)
            && parent != typeof(ValueType)
            && parent != typeof(Enum)
            && parent != typeof(MulticastDelegate))
        {
            bases.Add(Name(parent));
        }
        bases.AddRange(type
            .GetInterfaces()
            .Where(i => i.IsPublic && i.Namespace?.StartsWith("MlOps", StringComparison.Ordinal) == true)
            .Select(Name)
            .Order(StringComparer.Ordinal));
        return $"{Name(type)} = {kind}{(bases.Count > 0 ? " : " + string.Join(", ", bases) : "")}";
    }

    private static string Describe(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => $"new({Parameters(constructor)})",
        MethodInfo method =>
            $"{(method.IsStatic ? "static " : "")}{Name(method.ReturnType)} {method.Name}{Generics(method)}({Parameters(method)})",
        PropertyInfo property =>
            $"{Name(property.PropertyType)} {property.Name} {{ {(property.GetMethod is { } get && IsVisible(get) ? "get; " : "")}" +
            $"{(property.SetMethod is { } set && IsVisible(set) ? (set.ReturnParameter.GetRequiredCustomModifiers().Length > 0 ? "init; " : "set; ") : "")}" +
            $"}}",
        FieldInfo field => field.IsLiteral
            ? $"const {Name(field.FieldType)} {field.Name} = {field.GetRawConstantValue()}"
            : $"{Name(field.FieldType)} {field.Name}",
        _ => member.ToString()!,
    };

    private static string Generics(MethodInfo method) =>
        method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(a => a.Name))}>" : "";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(p =>
        $"{(p.IsOut ? "out " : p.ParameterType.IsByRef ? "ref " : "")}{Name(p.ParameterType)} " +
        $"{p.Name}{(p.HasDefaultValue ? " = " + (p.DefaultValue ?? "null") : "")}"));

    private static string Name(Type type)
    {
        if (type.IsByRef) return Name(type.GetElementType()!);
        if (type.IsArray) return Name(type.GetElementType()!) + "[]";
        if (type.IsGenericParameter) return type.Name;
        var name = new StringBuilder(type.Namespace?.StartsWith("MlOps.Sdk", StringComparison.Ordinal) == true ? type.Namespace + "." : "");
        if (type.IsNested) name.Append(Name(type.DeclaringType!).Split('.')[^1]).Append('.');
        name.Append(type.Name.Split('`')[0]);
        if (type.IsGenericType) name.Append('<').AppendJoin(", ", type.GetGenericArguments().Select(Name)).Append('>');
        return name.ToString();
    }
}
