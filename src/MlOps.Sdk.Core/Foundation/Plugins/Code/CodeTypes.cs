using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Serialization;

namespace MlOps.Sdk.Plugins;

/// <summary>
/// Writes types as the text that is hashed, and tells the walk what they may run: what the framework may call of an object, and all members
/// where somebody looks at them. Not thread-safe.
/// </summary>
/// <param name="walk">Follows what a type refers to.</param>
/// <param name="text">Takes the text.</param>
/// <param name="attributes">Reads what a type and its members are marked with.</param>
internal sealed class CodeTypes(CodeWalk walk, CodeText text, CodeAttributes attributes)
{
    // Offsets of fields, and how native code sees them.
    private const string Interop = "System.Runtime.InteropServices";

    /// <summary>In an order that no compiler decides.</summary>
    public static IEnumerable<T> Sorted<T>(IEnumerable<T> members)
        where T : MemberInfo => members.OrderBy(member => member.Name, StringComparer.Ordinal).ThenBy(Key, StringComparer.Ordinal);

    /// <summary>Reads a type of which an object may be there.</summary>
    public void Read(Type type)
    {
        text.Add("type ").Type(type).Add(" : ").Type(type.BaseType);
        if (type.BaseType is { } parent) walk.Mention(parent);
        if (type.IsEnum)
        {
            // Flags decide how a value is written.
            text.Add(" of ").Type(type.GetEnumUnderlyingType());
            if (type.IsDefined(typeof(FlagsAttribute), inherit: false)) text.Add(" flags");
            foreach (var name in Enum.GetNames(type))
            {
                text.Add("\n").Add(name).Add("=").Add(Enum.Format(type, Enum.Parse(type, name), "D"));
            }

            return;
        }

        // The fields decide what two values without an Equals of their own have in common.
        if (type.IsValueType || type.IsLayoutSequential || type.IsExplicitLayout)
        {
            Layout(type);
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            {
                text.Add("\n").Field(field);
                Attributes(field.GetCustomAttributesData().Where(mark => mark.AttributeType.Namespace == Interop));
                walk.Mention(field.FieldType);
            }
        }

        var interfaces = type.GetInterfaces().OrderBy(Key, StringComparer.Ordinal).ToArray();
        foreach (var contract in interfaces)
        {
            text.Add(", ").Type(contract);
            walk.Mention(contract);
            if (!type.IsInterface && !type.ContainsGenericParameters) WriteRenamed(type, contract);
        }

        var hasStaticContracts = interfaces.Any(
            contract => contract.GetMethods().Any(method => method is { IsStatic: true, IsVirtual: true }));
        foreach (var method in Sorted(type.GetMethods(CodeWalk.Declared)))
        {
            if (method is { IsVirtual: true, IsAbstract: false } || hasStaticContracts && method.IsStatic && !CodeNames.IsGenerated(method))
            {
                walk.Reach(method);
            }
        }

        walk.Touch(type);
    }

    /// <summary>Reads a type of which somebody looks at all members.</summary>
    public void ReadMembers(Type type)
    {
        text.Add("\n\n").Add("members of ").Type(type);
        Attributes(type);

        // The only one of a whole assembly that serializers ask for.
        Attributes(type.Assembly.GetCustomAttributesData().Where(mark => mark.AttributeType == typeof(ContractNamespaceAttribute)));
        walk.SeeStatics(type);
        foreach (var member in Sorted(type.GetMembers(CodeWalk.Declared)))
        {
            // Lambdas within its methods count where they are made.
            if (member is Type) continue;
            if (member.Name.StartsWith('<'))
            {
                // The field of a property may have attributes of its own.
                if (member is FieldInfo { IsStatic: false } kept && !CodeNames.Of(kept).EndsWith(kept.Name, StringComparison.Ordinal))
                {
                    text.Add("\n").Add(kept.Name);
                    Attributes(kept);
                }

                continue;
            }

            text.Add("\n").Add(Key(member));
            Attributes(member);
            if (member is MethodBase method) walk.Reach(method);
            if (member is FieldInfo field) walk.Mention(field.FieldType);
            if (member is PropertyInfo property) walk.Expose(property.PropertyType);
        }

        if (type.BaseType is { } parent && CodeWalk.IsRead(CodeText.Definition(parent))) walk.Expose(parent);
    }

    // Code that takes the bytes of a value, or makes one of bytes, finds its fields by their places.
    private void Layout(Type type)
    {
        if (type.StructLayoutAttribute is not { } layout) return;
        text.Add(" layout ").Add(layout.Value.ToString()).Add(" ").Add(layout.CharSet.ToString())
            .Add(" ").Add(layout.Pack).Add(" ").Add(layout.Size);
        Attributes(type.GetCustomAttributesData().Where(mark => mark.AttributeType == typeof(InlineArrayAttribute)));
    }

    // Visual Basic may implement a method of an interface by one of another name.
    private void WriteRenamed(Type type, Type contract)
    {
        var map = type.GetInterfaceMap(contract);
        for (var i = 0; i < map.InterfaceMethods.Length; i++)
        {
            if (map.TargetMethods[i] is { } target && target.DeclaringType == type && target.Name != map.InterfaceMethods[i].Name)
            {
                text.Add("\n").Method(map.InterfaceMethods[i]).Add(" by ").Method(target);
            }
        }
    }

    private void Attributes(MemberInfo member)
    {
        Attributes(member.GetCustomAttributesData());
        if (member is not MethodBase method) return;
        foreach (var parameter in method.GetParameters()) Attributes(parameter.GetCustomAttributesData());
        if (method is MethodInfo { ReturnParameter: var result }) Attributes(result.GetCustomAttributesData());
    }

    private void Attributes(IEnumerable<CustomAttributeData> marks)
    {
        text.Add(" [");
        foreach (var mark in marks
            .OrderBy(data => CodeNames.WithoutFile(data.AttributeType.FullName ?? ""), StringComparer.Ordinal)
            .ThenBy(data => CodeNames.WithoutFile(data.ToString()), StringComparer.Ordinal))
        {
            attributes.Read(mark);
        }

        text.Add("]");
    }

    private static string Key(MemberInfo member) => CodeNames.WithoutFile(member.ToString() ?? "");
}
