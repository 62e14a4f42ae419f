using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;

namespace MlOps.Sdk.Plugins;

/// <summary>Names of code: as people see them, and so that they are the same in every build.</summary>
internal static partial class CodeNames
{
    /// <summary>
    /// Whether the compiler chose the name, with a number that depends on the code around it: C# begins it with an angle bracket, Visual
    /// Basic and F# put a sign into it that no name of a user has.
    /// </summary>
    public static bool IsGenerated(MemberInfo member)
    {
        for (var named = member; named is not null; named = named.DeclaringType)
        {
            if (IsGenerated(named.Name)) return true;
        }

        return false;
    }

    /// <inheritdoc cref="IsGenerated(MemberInfo)"/>
    public static bool IsGenerated(string name) =>
        name.StartsWith('<') && !IsOfFile(name) || name.AsSpan().IndexOfAny('$', '@') >= 0;

    /// <summary>Whether only its file knows a type, or one that it is in: the compiler puts the path before its name.</summary>
    public static bool IsOfFile(Type type)
    {
        for (var named = type; named is not null; named = named.DeclaringType)
        {
            if (IsOfFile(named.Name)) return true;
        }

        return false;
    }

    /// <summary>A name without what the compiler puts before those of types that only their file knows.</summary>
    public static string WithoutFile(string name) => name.Contains(">F", StringComparison.Ordinal) ? FilePrefix().Replace(name, "") : name;

    /// <summary>A method as people see it.</summary>
    public static string Of(MethodBase method)
    {
        var name = method.Name;
        var owner = method.DeclaringType;
        var made = LambdaName().Match(name);
        for (; owner is not null && IsGenerated(owner) && owner.DeclaringType is { } outer; owner = outer)
        {
            // The code of an asynchronous method or an iterator is in a type that bears its name.
            if (MachineName().Match(owner.Name) is { Success: true } machine && !made.Success) (name, made) = Unwrap(machine);
        }

        var place = owner is null ? "" : $"{Of(owner)}.";
        if (!made.Success) return place + Last(name);
        var within = place + Last(made.Groups["in"].Value.Trim('<', '>', '$'));
        return made.Groups["kind"].Value == "g" ? $"{made.Groups["local"].Value} in {within}" : $"lambda in {within}";

        static (string, Match) Unwrap(Match machine)
        {
            var method = machine.Groups["in"].Value;
            return (method, LambdaName().Match(method));
        }
    }

    /// <summary>A type as people see it.</summary>
    public static string Of(Type type)
    {
        if (IsGenerated(type)) return type.DeclaringType is { } outer ? $"generated code in {Of(Outermost(outer))}" : "generated code";
        var name = type.IsNested && !type.IsGenericParameter ? $"{Of(type.DeclaringType!)}.{type.Name}" : type.Name;
        return WithoutFile(Arity().Replace(name, ""));
    }

    /// <summary>A field as people see it: a property that keeps its value by itself is named by the property.</summary>
    public static string Of(FieldInfo field) =>
        $"{(field.DeclaringType is { } owner ? Of(owner) : "")}.{BackingName().Replace(field.Name, "$1")}";

    /// <summary>The type that people wrote, of a type that the compiler made within it.</summary>
    public static Type Outermost(Type type)
    {
        while (IsGenerated(type) && type.DeclaringType is { } outer) type = outer;
        return type;
    }

    /// <summary>
    /// Writes a type so that it is the same in every build and every version of its assembly. Of a generated one, the type that it is in.
    /// </summary>
    public static void Write(Type type, StringBuilder to)
    {
        if (type.HasElementType)
        {
            Write(type.GetElementType()!, to);
            to.Append(type.IsArray ? $"[{type.GetArrayRank()}]" : type.IsByRef ? "&" : "*");
            return;
        }

        if (type.IsGenericParameter || type.IsFunctionPointer)
        {
            to.Append(type);
            return;
        }

        var named = Outermost(type);
        if (CodeOrigins.Of(named) != CodeOrigin.Framework) to.Append('[').Append(named.Assembly.GetName().Name).Append(']');
        to.Append(IsGenerated(named) ? "generated" : $"{named.Namespace}.{Of(named)}");
        if (!ReferenceEquals(named, type)) to.Append("+generated");
        if (!type.IsGenericType) return;
        to.Append('<');
        foreach (var argument in type.GetGenericArguments())
        {
            Write(argument, to);
            to.Append(',');
        }

        to.Append('>');
    }

    /// <inheritdoc cref="Write"/>
    public static string Written(Type type)
    {
        var text = new StringBuilder();
        Write(type, text);
        return text.ToString();
    }

    private static bool IsOfFile(string name) => name.StartsWith('<') && FilePrefix().Match(name) is { Success: true, Index: 0 };

    // An explicit implementation bears the name of its interface.
    private static string Last(string name) => name.StartsWith('.') ? name[1..] : name[(name.LastIndexOf('.') + 1)..];

    [GeneratedRegex(@"^<(?<in>.*)>(?<kind>[bg])__((?<local>[^|]*)\|)?")]
    private static partial Regex LambdaName();

    [GeneratedRegex(@"^<(?<in>.*)>d(__|$)")]
    private static partial Regex MachineName();

    [GeneratedRegex("<[^<>]*>F[0-9A-F]{64}__")]
    private static partial Regex FilePrefix();

    [GeneratedRegex(@"`\d+")]
    private static partial Regex Arity();

    [GeneratedRegex(@"^<(.+)>k__BackingField$")]
    private static partial Regex BackingName();
}
