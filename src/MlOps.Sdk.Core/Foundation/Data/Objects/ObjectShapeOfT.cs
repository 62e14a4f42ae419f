using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json;

namespace MlOps.Sdk.Data;

/// <summary>
/// Maps the public properties of a class, and of the classes that they hold, to columns, and compiles the code that appends an object to
/// column builders. Immutable and thread-safe.
/// </summary>
internal sealed class ObjectShape<T>
{
    private const int DeepestNesting = 8;
    private readonly Dictionary<string, (PropertyInfo[] Path, ColumnAttribute? Attribute)> _members = new(StringComparer.Ordinal);
    private readonly Lazy<Schema> _schema;

    public ObjectShape()
    {
        Add(typeof(T), "", []);
        _schema = new Lazy<Schema>(
            () => new Schema(_members.Select(member => FieldOf(member.Key, member.Value.Path, member.Value.Attribute))));
    }

    /// <summary>All columns of the class.</summary>
    /// <exception cref="MlOpsException">A property has a type that no column can hold.</exception>
    public Schema Schema => _schema.Value;

    /// <summary>
    /// Compiles an appender for the columns of a schema, in its order; other properties are not read. It allocates nothing per
    /// object, except that a coded text builder grows with texts that are new to it.
    /// </summary>
    /// <param name="target">The columns to fill: the class's own schema, or the inputs of a package.</param>
    /// <param name="coded">
    /// Whether equal texts share a dictionary entry; <see langword="false"/> for rows that are read once, as in serving.
    /// </param>
    /// <exception cref="MlOpsException">Properties are missing, or have types that do not fit; the message lists all of them.</exception>
    public Action<T, ColumnBuilder[]> Bind(Schema target, bool coded = true)
    {
        var missing = target.Where(field => !_members.ContainsKey(field.Name)).Select(field => field.Name).ToList();
        if (missing.Count > 0)
            throw new MlOpsException(
                $"{typeof(T).Name} has no property for the column{(missing.Count > 1 ? "s" : "")} " +
                    $"{string.Join(", ", missing.Select(name => $"'{name}'"))}.",
                $"Add the propert{(missing.Count > 1 ? "ies" : "y")}, " +
                "or mark existing ones with [Column(\"…\")] of MlOps.Sdk.Data. It has: " +
                    $"{string.Join(", ", _members.Keys)}.") { Column = missing[0] };

        var row = Expression.Parameter(typeof(T), "row");
        var builders = Expression.Parameter(typeof(ColumnBuilder[]), "builders");
        var statements = new List<Expression>(target.Count);
        for (var i = 0; i < target.Count; i++)
        {
            var builder = Expression.ArrayIndex(builders, Expression.Constant(i));
            statements.Add(Append(row, _members[target[i].Name].Path, builder, target[i], coded));
        }

        return Expression.Lambda<Action<T, ColumnBuilder[]>>(Expression.Block(typeof(void), statements), row, builders).Compile();
    }

    // A class within a class has a column for each of its members, named after both; of one that holds itself, or that is no
    // row, only using it is an error.
    private void Add(Type type, string prefix, PropertyInfo[] path)
    {
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var attribute = property.GetCustomAttribute<ColumnAttribute>();
            if (property.GetMethod is not { IsPublic: true } || property.GetIndexParameters().Length > 0 || attribute?.Ignore == true)
            {
                continue;
            }
            var name = prefix + (attribute?.Name ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
            PropertyInfo[] full = [.. path, property];
            var held = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (IsNested(held)
                && full.Length < DeepestNesting
                && held != typeof(T)
                && path.All(parent => (Nullable.GetUnderlyingType(parent.PropertyType) ?? parent.PropertyType) != held))
            {
                Add(held, name + ".", full);
            }
            else if (!_members.TryAdd(name, (full, attribute)))
            {
                throw new MlOpsException(
                    $"Two properties of {typeof(T).Name} stand for the column '{name}': {Show(_members[name].Path)} and {Show(full)}.",
                    "Name one of them with [Column(\"…\")].") { Column = name };
            }
        }
    }

    private static bool IsNested(Type type) =>
        MemberAppend.ColumnTypeOf(type) is null
            && !type.IsPrimitive
            && !type.IsPointer
            && !type.IsArray
            && type.Namespace?.StartsWith("System", StringComparison.Ordinal) != true
            && !type.IsAssignableTo(typeof(System.Collections.IEnumerable))
            && !type.IsAssignableTo(typeof(Delegate));

    private static string Show(PropertyInfo[] path) => string.Join('.', path.Select(property => property.Name));

    // Where a class on the way is missing, so is what it would hold.
    private static Expression Append(Expression instance, ReadOnlySpan<PropertyInfo> path, Expression builder, Field field, bool coded)
    {
        var value = Expression.Property(instance, path[0]);
        if (path.Length == 1) return Append(value, builder, field, coded);
        var local = Expression.Variable(value.Type, "held");
        var isStruct = value.Type.IsValueType;
        var isNullable = Nullable.GetUnderlyingType(value.Type) is not null;
        var rest = Append(isNullable ? Expression.Property(local, "Value") : local, path[1..], builder, field, coded);
        if (!isStruct || isNullable)
        {
            rest = Expression.IfThenElse(
                Expression.Equal(local, Expression.Constant(null, value.Type)),
                Expression.Call(builder, nameof(ColumnBuilder.AppendNull), null),
                rest);
        }
        return Expression.Block([local], Expression.Assign(local, value), rest);
    }

    private static Expression Append(MemberExpression value, Expression builder, Field field, bool coded)
    {
        var type = Nullable.GetUnderlyingType(value.Type) ?? value.Type;
        var method = MemberAppend.For(type, field.Type, coded)
            ?? throw new MlOpsException(
                $"The property {typeof(T).Name}.{value.Member.Name} is {type.Name}, " +
                    $"which does not fit the {field.Type} column '{field.Name}'.",
                "Change the type of the property.") { Column = field.Name };
        var local = Expression.Variable(value.Type, "value");
        var unwrapped = value.Type == type ? local : (Expression)Expression.Property(local, "Value");
        var argument = method.GetParameters()[1].ParameterType;
        if (argument != type)
        {
            unwrapped = type.IsEnum ? Expression.Call(unwrapped, nameof(ToString), null) : Expression.Convert(unwrapped, argument);
        }
        Expression append = Expression.Call(method, builder, unwrapped, Expression.Constant(field));
        if (!value.Type.IsValueType || value.Type != type)
            append = Expression.IfThenElse(
                Expression.Equal(local, Expression.Constant(null, value.Type)),
                Expression.Call(builder, nameof(ColumnBuilder.AppendNull), null),
                append);
        return Expression.Block([local], Expression.Assign(local, value), append);
    }

    private static Field FieldOf(string name, PropertyInfo[] path, ColumnAttribute? attribute)
    {
        var property = path[^1];
        var type = MemberAppend.ColumnTypeOf(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType)
            ?? throw new MlOpsException(
                $"The property {typeof(T).Name}.{Show(path)} is {property.PropertyType.Name}, which no column can hold.",
                "Use a number, bool, string, enum, char, DateTime, DateTimeOffset, DateOnly or float[], or leave it out with " +
                    "[Column(Ignore = true)].") { Column = name };
        if (type != ColumnType.Vector) return new Field(name, type);
        return attribute is { Length: > 0 and <= ArrowFormat.MaxVectorLength }
            ? new Field(name, type, attribute.Length)
            : throw new MlOpsException(
                $"The vector {typeof(T).Name}.{Show(path)} has no length.",
                "Give it one: [Column(Length = 16)].") { Column = name };
    }
}
