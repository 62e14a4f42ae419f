using System.CodeDom.Compiler;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace MlOps.Sdk.Plugins;

/// <summary>
/// Writes code so that two builds of the same code give the same text: names instead of tokens, numbers in the order of sight instead of
/// names that the compiler made up. Not thread-safe.
/// </summary>
/// <param name="numberOf">Gives a generated member its number.</param>
internal sealed class CodeText(Func<MemberInfo, int> numberOf)
{
    private readonly StringBuilder _text = new();

    /// <summary>What was written.</summary>
    public StringBuilder Text => _text;

    public CodeText Add(string text)
    {
        _text.Append(text);
        return this;
    }

    public CodeText Add(long number)
    {
        _text.Append(number.ToString(CultureInfo.InvariantCulture));
        return this;
    }

    /// <summary>Writes a text of the user so that it cannot run into what follows.</summary>
    public CodeText Quote(string text)
    {
        _text.Append('"').Append(text.Length).Append(':').Append(text).Append('"');
        return this;
    }

    public CodeText Type(Type? type)
    {
        if (type is null) return Add("none");
        if (type.IsGenericParameter) return Add(type.DeclaringMethod is null ? "!" : "!!").Add(type.GenericParameterPosition);
        if (type.HasElementType)
        {
            return Type(type.GetElementType()).Add(type.IsArray
                ? $"[{type.GetArrayRank()}{(type.IsSZArray ? "z" : "")}]"
                : type.IsByRef ? "&" : "*");
        }
        if (type.IsFunctionPointer)
        {
            Add("method ").Type(type.GetFunctionPointerReturnType()).Add("(");
            foreach (var parameter in type.GetFunctionPointerParameterTypes()) Type(parameter).Add(",");
            return Add(")");
        }

        if (CodeNames.IsGenerated(type)) Add("#").Add(numberOf(Definition(type)));
        else
        {
            if (CodeOrigins.Of(type) != CodeOrigin.Framework) Add("[").Add(type.Assembly.GetName().Name!).Add("]");
            var definition = Definition(type);

            // Two files may have one of the same name. A tool may choose names that depend on what else is in the project.
            var isOfFile = CodeNames.IsOfFile(definition);
            if (isOfFile) Add("#").Add(numberOf(definition));
            if (!isOfFile || !IsMadeByTool(definition)) Add(CodeNames.WithoutFile(definition.FullName ?? definition.Name));
        }

        return type.IsConstructedGenericType ? Arguments(type.GetGenericArguments()) : this;
    }

    public CodeText Method(MethodBase method)
    {
        Type(method.DeclaringType).Add("::");
        var definition = Definition(method);
        if (definition is not null && CodeNames.IsGenerated(method)) Add("#").Add(numberOf(definition));
        if (!CodeNames.IsGenerated(method.Name)) Add(CodeNames.WithoutFile(method.Name));
        var shown = definition ?? method;
        if (shown.IsGenericMethod) Add("`").Add(shown.GetGenericArguments().Length);
        Add("(");
        foreach (var parameter in shown.GetParameters()) Type(parameter.ParameterType).Add(",");
        Add(")").Type((shown as MethodInfo)?.ReturnType);
        return method is { IsGenericMethod: true, IsGenericMethodDefinition: false } ? Arguments(method.GetGenericArguments()) : this;
    }

    public CodeText Field(FieldInfo field)
    {
        Type(field.DeclaringType).Add("::");

        // The place where a lambda is kept is numbered; the lambda follows.
        return (IsCache(field) ? this : Add(field.Name)).Add(" ").Type(field.FieldType);
    }

    public CodeText Instruction(IlInstruction instruction)
    {
        Add("\n").Add(instruction.Code.Name!);
        if (instruction.Targets is { } targets)
        {
            foreach (var target in targets) Add(" ").Add(target);
        }
        return this;
    }

    /// <summary>Whether the compiler keeps a lambda or a delegate of a method in the static field, so that it is made once.</summary>
    public static bool IsCache(FieldInfo field) => field is { IsStatic: true, DeclaringType: { } owner }
        && (field.Name.StartsWith("<>9", StringComparison.Ordinal) && owner.Name.StartsWith("<>c", StringComparison.Ordinal)
            || owner.Name.StartsWith("<>O", StringComparison.Ordinal)
            || field.Name.StartsWith("<>p__", StringComparison.Ordinal) && owner.Name.StartsWith("<>o__", StringComparison.Ordinal)
            || owner.Name.StartsWith("_Closure$__", StringComparison.Ordinal)
            || field.Name == "@_instance");

    /// <summary>A method as it is declared; <see langword="null"/> for those of arrays, which nobody declares.</summary>
    public static MethodBase? Definition(MethodBase method)
    {
        if (method.DeclaringType?.IsArray == true) return null;
        if (method is MethodInfo { IsGenericMethod: true, IsGenericMethodDefinition: false } closed)
        {
            method = closed.GetGenericMethodDefinition();
        }
        return method.DeclaringType?.IsConstructedGenericType == true ? method.Module.ResolveMethod(method.MetadataToken) : method;
    }

    public static Type Definition(Type type) => type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type;

    private static bool IsMadeByTool(Type type)
    {
        while (type.DeclaringType is { } outer) type = outer;
        return type.IsDefined(typeof(GeneratedCodeAttribute), inherit: false);
    }

    private CodeText Arguments(Type[] arguments)
    {
        Add("<");
        foreach (var argument in arguments) Type(argument).Add(",");
        return Add(">");
    }
}
