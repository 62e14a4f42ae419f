using System.Collections.ObjectModel;
using System.Globalization;
using System.Reflection;

namespace MlOps.Sdk.Plugins;

/// <summary>
/// Reads attributes of members that somebody looks at: writes them, and follows the code that they bring. Whoever finds one makes it,
/// calls its overrides, and makes objects of the types that it names, as serializers do with converters.
/// </summary>
internal sealed class CodeAttributes(CodeWalk walk, CodeText text)
{
    /// <summary>Reads one attribute.</summary>
    public void Read(CustomAttributeData attribute)
    {
        text.Add("\n@").Method(attribute.Constructor);
        walk.Call(attribute.Constructor);
        if (attribute.AttributeType.IsConstructedGenericType) Array.ForEach(attribute.AttributeType.GetGenericArguments(), walk.Expose);
        foreach (var argument in attribute.ConstructorArguments) Read(argument);
        foreach (var named in attribute.NamedArguments)
        {
            text.Add(" ").Add(named.MemberName).Add("=");
            Read(named.TypedValue);
            if (named.MemberInfo is PropertyInfo { SetMethod: { } setter }) walk.Call(setter);
        }
    }

    private void Read(CustomAttributeTypedArgument argument)
    {
        text.Add(" ").Type(argument.ArgumentType).Add(":");
        walk.Mention(argument.ArgumentType);
        switch (argument.Value)
        {
            case ReadOnlyCollection<CustomAttributeTypedArgument> items:
                text.Add(items.Count);
                foreach (var item in items) Read(item);
                break;
            case Type type:
                text.Type(type);
                walk.Expose(type);
                break;
            case string name:
                text.Quote(name);
                walk.ExposeNamed(name);
                break;
            case { } value:
                text.Quote(Convert.ToString(value, CultureInfo.InvariantCulture)!);
                break;
            default:
                text.Add("null");
                break;
        }
    }
}
