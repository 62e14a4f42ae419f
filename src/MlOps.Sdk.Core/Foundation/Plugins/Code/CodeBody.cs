using System.CodeDom.Compiler;
using System.Reflection;
using System.Reflection.Emit;
using System.Text.Json.Serialization;

namespace MlOps.Sdk.Plugins;

/// <summary>Reads the body of one method: writes it, and follows what it uses.</summary>
internal sealed class CodeBody(CodeWalk walk, CodeText text, MethodBase method)
{
    private readonly Type[]? _typeArguments = method.DeclaringType?.GetGenericArguments();
    private readonly Type[]? _methodArguments = method is MethodInfo { IsGenericMethod: true } ? method.GetGenericArguments() : null;

    // What it finds by name are members of types that it names, which count as a whole.
    private readonly bool _isOfSerializer = method.DeclaringType is { } owner
        && CodeNames.Outermost(owner) is var written
        && written.IsSubclassOf(typeof(JsonSerializerContext))
        && written.IsDefined(typeof(GeneratedCodeAttribute), inherit: false);

    private Type? _constrained;

    public void Read()
    {
        // Whether it overrides is an attribute.
        text.Add((long)method.Attributes).Add(" ").Method(method);
        if (method.DeclaringType is { } owner)
        {
            if (method.IsStatic) walk.Touch(owner);
            else walk.Mention(owner);
        }

        foreach (var parameter in method.GetParameters()) walk.Mention(parameter.ParameterType);
        if (method is MethodInfo { ReturnType: var result }) walk.Mention(result);
        if (method.IsAbstract) return;
        var flags = method.MethodImplementationFlags;
        if ((method.Attributes & MethodAttributes.PinvokeImpl) != 0)
        {
            walk.Force($"{CodeNames.Of(method)} is native code");
            return;
        }

        // The runtime itself implements Invoke of a delegate. What delegates call is followed where they are made.
        if ((flags & MethodImplAttributes.CodeTypeMask) == MethodImplAttributes.Runtime) return;
        if (Body() is not { } body || body.GetILAsByteArray() is not { } il)
        {
            walk.Force($"the IL of {CodeNames.Of(method)} cannot be read");
            walk.SetOpaque($"runs {CodeNames.Of(method)}, whose IL cannot be read");
            return;
        }

        Write(body, new IlBody(il));
    }

    private MethodBody? Body()
    {
        try
        {
            return method.GetMethodBody();
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException)
        {
            // PlatformNotSupportedException is a NotSupportedException.
            return null;
        }
    }

    private void Write(MethodBody body, IlBody il)
    {
        text.Add(body.InitLocals ? " init" : " ");
        foreach (var local in body.LocalVariables)
        {
            text.Add("\n.").Type(local.LocalType).Add(local.IsPinned ? " pinned" : "");
            walk.Mention(local.LocalType);
        }

        foreach (var clause in body.ExceptionHandlingClauses)
        {
            text.Add("\ntry ").Add(clause.Flags.ToString())
                .Add(" ").Add(il.NumberOf(clause.TryOffset)).Add(" ").Add(il.NumberOf(clause.TryOffset + clause.TryLength))
                .Add(" ").Add(il.NumberOf(clause.HandlerOffset)).Add(" ").Add(il.NumberOf(clause.HandlerOffset + clause.HandlerLength));
            if (clause.Flags == ExceptionHandlingClauseOptions.Filter) text.Add(" ").Add(il.NumberOf(clause.FilterOffset));
            if (clause.Flags != ExceptionHandlingClauseOptions.Clause) continue;
            text.Add(" ").Type(clause.CatchType);
            walk.Mention(clause.CatchType);
        }

        foreach (var instruction in il.Instructions)
        {
            text.Instruction(instruction);
            switch (instruction.Code.OperandType)
            {
                case OperandType.InlineNone:
                case OperandType.InlineBrTarget:
                case OperandType.ShortInlineBrTarget:
                case OperandType.InlineSwitch:
                    break;
                case OperandType.InlineString:
                    text.Quote(method.Module.ResolveString((int)instruction.Value));
                    break;
                case OperandType.InlineSig:
                    walk.Force($"{CodeNames.Of(method)} calls through a function pointer");
                    break;
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                    Follow(instruction.Code, method.Module.ResolveMember((int)instruction.Value, _typeArguments, _methodArguments)!);
                    break;
                default:
                    text.Add(" ").Add(instruction.Value);
                    break;
            }

            if (instruction.Code.OpCodeType != OpCodeType.Prefix) _constrained = null;
        }
    }

    private void Follow(OpCode code, MemberInfo member)
    {
        text.Add(" ");
        switch (member)
        {
            case Type type:
                text.Type(type);
                walk.Mention(type);
                if (code == OpCodes.Constrained) _constrained = type;
                break;
            case FieldInfo field:
                Follow(code, field);
                break;
            case MethodBase callee:
                Follow(code, callee);
                break;
        }
    }

    private void Follow(OpCode code, FieldInfo field)
    {
        if (field.IsStatic && StaticFields.Data(field) is { } data)
        {
            text.Add(Convert.ToHexString(data)).Add(" ").Type(field.FieldType);
            return;
        }

        text.Field(field);
        walk.Mention(field.FieldType);
        if (!field.IsStatic) return;
        if (code == OpCodes.Stsfld) walk.Touch(field.DeclaringType);
        else walk.Read(field);
    }

    private void Follow(OpCode code, MethodBase callee)
    {
        text.Method(callee);
        walk.Call(callee);
        if (callee.IsStatic || callee.IsConstructor) walk.Touch(callee.DeclaringType);
        if (callee.DeclaringType is not { } owner) return;
        switch (CodeOrigins.Of(callee.Module.Assembly))
        {
            case CodeOrigin.Framework or CodeOrigin.Package:
                if (!_isOfSerializer && OpenCalls.Find(callee) is { } open) walk.Open(CodeNames.Of(method), open);
                if (OpenCalls.IsViewer(callee)) walk.View();
                if (OpenCalls.IsOfResources(callee)) walk.ReadResources();
                break;
            case CodeOrigin.User when code == OpCodes.Callvirt || code == OpCodes.Ldvirtftn:
                if (!callee.IsVirtual || callee.IsFinal || owner.IsSealed || IsExact(_constrained)) break;
                if (!owner.IsInterface && !callee.IsAbstract) break;
                walk.Force($"{CodeNames.Of(method)} calls {CodeNames.Of(callee)}"
                    + (owner.IsInterface ? " through an interface" : ", which is abstract"));
                walk.MentionKinds(owner);
                break;
        }
    }

    // A value type, or a class that nobody can derive from.
    private static bool IsExact(Type? type) => type is { IsGenericParameter: false } && (type.IsValueType || type.IsSealed);
}
