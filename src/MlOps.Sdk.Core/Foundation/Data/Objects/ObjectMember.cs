using System.Reflection;
using System.Text.Json;

namespace MlOps.Sdk.Data;

/// <summary>A property of a class, or of an object that the class holds, which a column can represent. Immutable.</summary>
internal sealed class ObjectMember
{
    private const int DeepestNesting = 8;

    private ObjectMember(PropertyInfo[] path, ColumnAttribute?[] attributes)
    {
        Path = path;
        Attribute = attributes[^1];
        Own = Join(name => name);
        Snake = Join(JsonNamingPolicy.SnakeCaseLower.ConvertName);
        Camel = Join(JsonNamingPolicy.CamelCase.ConvertName);

        string Join(Func<string, string> convert) =>
            string.Join('.', path.Select((property, i) => attributes[i]?.Name ?? convert(property.Name)));
    }

    /// <summary>The properties that lead to it; the last one is it.</summary>
    public PropertyInfo[] Path { get; }

    public ColumnAttribute? Attribute { get; }

    /// <summary>Its column is named by a <see cref="ColumnAttribute"/>, so that no other name will do.</summary>
    public bool IsNamed => Attribute?.Name is not null;

    /// <summary>Its column by its own name.</summary>
    public string Own { get; }

    /// <summary>Its column in snake case, which is what it is called where nothing else names it.</summary>
    public string Snake { get; }

    /// <summary>Its column in camel case.</summary>
    public string Camel { get; }

    /// <summary>The type of its values, without <see cref="Nullable{T}"/>.</summary>
    public Type Type => Bare(Path[^1]);

    /// <summary>What of it decides for which columns it can stand.</summary>
    public MemberColumn Column => new(
        ToString(),
        Own,
        Snake,
        Camel,
        IsNamed,
        Type.Name,
        [.. Enum.GetValues<ColumnType>().Where(column => CellConversion.CanFit(Type, column))]);

    /// <summary>The members of a class. Those of a class within it count instead of the property that holds it.</summary>
    public static IReadOnlyList<ObjectMember> Of(Type type)
    {
        var members = new List<ObjectMember>();
        Add(type, type, [], [], members);
        return members;
    }

    /// <summary>
    /// The public properties of a class, without indexers. One that hides one of a base class represents both, as in C#; an interface has
    /// what it inherits, too.
    /// </summary>
    public static PropertyInfo[] Visible(Type type)
    {
        var all = type.IsInterface
            ? type.GetInterfaces().Prepend(type).SelectMany(one => one.GetProperties(BindingFlags.Public | BindingFlags.Instance))
            : type.GetProperties(BindingFlags.Public | BindingFlags.Instance);
        PropertyInfo[] properties = [.. all.Where(property => property.GetIndexParameters().Length == 0)];
        return [.. properties.Where(property => !properties.Any(other => other.Name == property.Name && Hides(other, property)))];
    }

    public override string ToString() => string.Join('.', Path.Select(property => property.Name));

    // Of one that holds itself, or that is not a row, only using it is an error.
    private static void Add(Type root, Type type, PropertyInfo[] path, ColumnAttribute?[] attributes, List<ObjectMember> to)
    {
        foreach (var property in Visible(type).Where(property => property.GetMethod is { IsPublic: true }))
        {
            var attribute = property.GetCustomAttribute<ColumnAttribute>();
            if (attribute?.Ignore == true) continue;
            PropertyInfo[] full = [.. path, property];
            ColumnAttribute?[] all = [.. attributes, attribute];
            var held = Bare(property);
            if (IsNested(held) && full.Length < DeepestNesting && held != root && path.All(parent => Bare(parent) != held))
            {
                Add(root, held, full, all, to);
            }
            else
            {
                to.Add(new ObjectMember(full, all));
            }
        }
    }

    private static bool Hides(PropertyInfo one, PropertyInfo other) =>
        one.DeclaringType != other.DeclaringType && other.DeclaringType!.IsAssignableFrom(one.DeclaringType);

    private static bool IsNested(Type type) =>
        CellConversion.ColumnTypeOf(type) is null
            && !type.IsPrimitive
            && !type.IsPointer
            && !type.IsArray
            && type.Namespace?.StartsWith("System", StringComparison.Ordinal) != true
            && !type.IsAssignableTo(typeof(System.Collections.IEnumerable))
            && !type.IsAssignableTo(typeof(Delegate));

    private static Type Bare(PropertyInfo property) => Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
}
