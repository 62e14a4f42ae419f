using System.Collections;
using System.Linq.Expressions;
using System.Reflection;

namespace MlOps.Sdk.Data;

/// <summary>
/// Maps the public properties of a class, and of the classes that they hold, to columns, and compiles the code that appends an object to
/// column builders. Immutable and thread-safe.
/// </summary>
internal sealed class ObjectShape<T>
{
    private readonly IReadOnlyList<ObjectMember> _members = ObjectMember.Of(typeof(T));
    private readonly Lazy<Schema> _schema;

    public ObjectShape() => _schema = new Lazy<Schema>(MakeSchema);

    /// <summary>All columns of the class.</summary>
    /// <exception cref="MlOpsException">A property has a type that no column can hold, or two represent one column.</exception>
    public Schema Schema => _schema.Value;

    /// <summary>The columns for which the properties can stand.</summary>
    public IReadOnlyList<MemberColumn> Columns => [.. _members.Select(member => member.Column)];

    /// <summary>
    /// Compiles an appender for the columns of a schema, in its order; other properties are not read. It allocates nothing per
    /// object, except that a coded text builder grows with texts that are new to it.
    /// </summary>
    /// <param name="target">The columns to fill: the class's own schema, or the inputs of a package.</param>
    /// <param name="coded">
    /// Whether equal texts share a dictionary entry; <see langword="false"/> for rows that are read once, as in serving.
    /// </param>
    /// <exception cref="MlOpsException">
    /// Properties are missing, two could represent one column, or their types do not fit; the message lists all mistakes.
    /// </exception>
    public Action<T, ColumnBuilder[]> Bind(Schema target, bool coded = true)
    {
        var mistakes = new List<MlOpsException>();
        var members = MemberMatch.Find(typeof(T).Name, Columns, target, mistakes);
        if (mistakes.Count > 0) throw Refusal(mistakes);
        var row = Expression.Parameter(typeof(T), "row");
        var builders = Expression.Parameter(typeof(ColumnBuilder[]), "builders");
        var statements = new List<Expression>(target.Count);
        for (var i = 0; i < target.Count; i++)
        {
            var builder = Expression.ArrayIndex(builders, Expression.Constant(i));
            statements.Add(Append(row, _members[members[i]].Path, builder, target[i], coded));
        }

        return Expression.Lambda<Action<T, ColumnBuilder[]>>(Expression.Block(typeof(void), statements), row, builders).Compile();
    }

    private static MlOpsException Refusal(IReadOnlyList<MlOpsException> mistakes) =>
        typeof(T) == typeof(object) || typeof(IEnumerable).IsAssignableFrom(typeof(T))
            ? new MlOpsException(
                mistakes[0].Problem,
                "Give a class with a property for each column. For rows by column name, use workspace.Endpoint(name).")
            {
                Column = mistakes[0].Column,
            }
            : MemberMatch.Join(mistakes);

    // Where a class on the way is missing, so is what it would hold.
    private static Expression Append(Expression instance, ReadOnlySpan<PropertyInfo> path, Expression builder, Field field, bool coded)
    {
        var declaring = path[0].DeclaringType!;
        var value = Expression.Property(declaring.IsInterface ? Expression.Convert(instance, declaring) : instance, path[0]);
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
        var local = Expression.Variable(value.Type, "value");
        var unwrapped = value.Type == type ? local : (Expression)Expression.Property(local, "Value");
        if (type.IsEnum)
        {
            // As an object it would be boxed for each row.
            unwrapped = field.Type == ColumnType.Text
                ? Expression.Call(unwrapped, nameof(ToString), null)
                : Expression.Convert(unwrapped, Enum.GetUnderlyingType(type));
        }

        var (method, takes) = CellConversion.AppendOf(unwrapped.Type);
        Expression append = Expression.Call(
            method,
            builder,
            unwrapped.Type == takes ? unwrapped : Expression.Convert(unwrapped, takes),
            Expression.Constant(field),
            Expression.Constant(coded));
        if (!value.Type.IsValueType || value.Type != type)
            append = Expression.IfThenElse(
                Expression.Equal(local, Expression.Constant(null, value.Type)),
                Expression.Call(builder, nameof(ColumnBuilder.AppendNull), null),
                append);
        return Expression.Block([local], Expression.Assign(local, value), append);
    }

    private Schema MakeSchema()
    {
        var names = new Dictionary<string, ObjectMember>(StringComparer.Ordinal);
        foreach (var member in _members)
        {
            if (!names.TryAdd(member.Snake, member))
            {
                throw MemberMatch.TwoMembers(typeof(T).Name, member.Snake, $"{names[member.Snake]}", $"{member}");
            }
        }

        return new Schema(_members.Select(FieldOf));
    }

    private static Field FieldOf(ObjectMember member)
    {
        var type = CellConversion.ColumnTypeOf(member.Type)
            ?? throw new MlOpsException(
                $"The property {typeof(T).Name}.{member} is {member.Path[^1].PropertyType.Name}, which no column can hold.",
                "Use a number, bool, string, enum, char, Guid, DateTime, DateTimeOffset, DateOnly or float[], or exclude it with " +
                    "[Column(Ignore = true)].") { Column = member.Snake };
        if (type != ColumnType.Vector) return new Field(member.Snake, type);
        return member.Attribute is { Length: > 0 and <= ArrowFormat.MaxVectorLength } attribute
            ? new Field(member.Snake, type, attribute.Length)
            : throw new MlOpsException(
                $"The vector {typeof(T).Name}.{member} has no length.",
                "Give it one: [Column(Length = 16)].") { Column = member.Snake };
    }
}
