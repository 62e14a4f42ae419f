using System.Linq.Expressions;
using System.Reflection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Deployment;

/// <summary>Makes the application's answer type from scores, by compiled code. Thread-safe.</summary>
internal sealed class AnswerBinder<TOut>
{
    private const string Words =
        "Name members Score, Probability, Value or Prediction (double or float), Label, Class, PredictedLabel or PredictedClass " +
        "(string), Scores or Probabilities (double[] or IReadOnlyList<double>), or add a boolean for the decision of a binary classifier.";

    private static readonly string[] Numbers = ["Score", "Probability", "Value", "Prediction"];
    private static readonly string[] Texts = ["Label", "Class", "PredictedLabel", "PredictedClass"];
    private static readonly string[] Arrays = ["Scores", "Probabilities"];

    private static readonly ParameterExpression Score = Expression.Parameter(typeof(double), "score");
    private static readonly ParameterExpression Decision = Expression.Parameter(typeof(int), "decision");
    private static readonly ParameterExpression Label = Expression.Parameter(typeof(string), "label");
    private static readonly ParameterExpression Scores = Expression.Parameter(typeof(double[]), "scores");

    private readonly Func<double, int, string?, double[]?, TOut> _make;
    private readonly LabelEncoding _labels;
    private readonly bool _wantsScores;

    /// <exception cref="MlOpsException">The type cannot be made from a prediction; says why.</exception>
    public AnswerBinder(LabelEncoding labels)
    {
        _labels = labels;
        var body = BodyOf(labels.Task);
        _make = Expression.Lambda<Func<double, int, string?, double[]?, TOut>>(body, Score, Decision, Label, Scores).Compile();
        _wantsScores = new ParameterSearch(Scores).IsIn(body);
    }

    /// <summary>Why the type cannot be made from a prediction of a task; <see langword="null"/> when it can.</summary>
    public static string? FindProblem(TaskKind task)
    {
        try
        {
            _ = BodyOf(task);
            return null;
        }
        catch (MlOpsException e)
        {
            return e.Message;
        }
    }

    public TOut Answer(ReadOnlySpan<double> scores, int decision) => _make(
        _labels.Task == TaskKind.MulticlassClassification ? scores[decision] : scores[0],
        decision,
        _labels.Task == TaskKind.Regression ? null : _labels.Classes[decision],
        _wantsScores ? scores.ToArray() : null);

    private static Expression BodyOf(TaskKind task) => Source(null, typeof(TOut), task) ?? FromMembers(task);

    private static Expression? Source(string? name, Type type, TaskKind task)
    {
        var bare = Nullable.GetUnderlyingType(type) ?? type;
        Expression? source = null;
        if (bare == typeof(double) || bare == typeof(float))
        {
            if (Is(name, Numbers)) source = Expression.Convert(Score, bare);
        }
        else if (bare == typeof(string) && (task != TaskKind.Regression || typeof(TOut) == typeof(ModelAnswer)))
        {
            if (Is(name, Texts)) source = Label;
        }
        else if (bare == typeof(bool) && task == TaskKind.BinaryClassification)
        {
            source = Expression.Equal(Decision, Expression.Constant(1));
        }
        else if (bare == typeof(double[]) || bare == typeof(IReadOnlyList<double>))
        {
            if (Is(name, Arrays)) source = Scores;
        }

        return source is not null && source.Type != type ? Expression.Convert(source, type) : source;
    }

    // The answer itself has no name.
    private static bool Is(string? name, string[] known) => name is null || known.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static Expression FromMembers(TaskKind task)
    {
        var type = typeof(TOut);
        if (Scalar(type, task) is { } scalar) throw scalar;
        if (type.IsAbstract) throw Unknown();
        var constructors = type.GetConstructors().OrderByDescending(constructor => constructor.GetParameters().Length).ToArray();
        var constructor = Array.Find(constructors, one =>
            one.GetParameters() is { Length: > 0 } all && Array.TrueForAll(all, p => Source(p.Name, p.ParameterType, task) is not null));
        var parameters = constructor?.GetParameters() ?? [];
        if (constructor is null && !type.IsValueType && type.GetConstructor(Type.EmptyTypes) is null)
        {
            var unknown = constructors.FirstOrDefault()?.GetParameters().FirstOrDefault(p => Source(p.Name, p.ParameterType, task) is null);
            throw unknown is null ? Unknown() : Unfilled(unknown.Name!, unknown.ParameterType, task);
        }

        bool IsParameter(string name) =>
            parameters.Any(parameter => string.Equals(parameter.Name, name, StringComparison.OrdinalIgnoreCase));

        PropertyInfo[] properties =
        [
            .. ObjectMember.Visible(type).Where(property =>
                property.GetCustomAttribute<ColumnAttribute>()?.Ignore != true && !IsParameter(property.Name)),
        ];
        FieldInfo[] fields = [.. type.GetFields(BindingFlags.Public | BindingFlags.Instance).Where(field => !IsParameter(field.Name))];
        if ((Array.Find(properties, IsClosed) ?? (MemberInfo?)Array.Find(fields, field => field.IsInitOnly)) is { } closed)
        {
            throw Closed(closed.Name);
        }

        (MemberInfo Member, Type Type)[] settable =
        [
            .. properties.Where(property => property.SetMethod is { IsPublic: true }).Select(property => (property, property.PropertyType)),
            .. fields.Select(field => (field, field.FieldType)),
        ];
        (MemberInfo Member, Type Type)[] unfilled = [.. settable.Where(one => Source(one.Member.Name, one.Type, task) is null)];
        if (unfilled.Length > 0)
        {
            throw MemberMatch.Join([.. unfilled.Select(one => Unfilled(one.Member.Name, one.Type, task))]);
        }

        if (constructor is null && settable.Length == 0) throw Unknown();
        string[] decisions =
        [
            .. parameters.Where(parameter => IsBoolean(parameter.ParameterType)).Select(parameter => parameter.Name!),
            .. settable.Where(one => IsBoolean(one.Type)).Select(one => one.Member.Name)
        ];
        if (decisions.Length > 1)
        {
            throw new MlOpsException(
                $"{decisions[0]} and {decisions[1]} of {type.Name} would both be the decision.",
                "Keep only one boolean. Mark properties that the application fills itself with [Column(Ignore = true)].");
        }
        var made = constructor is null
            ? Expression.New(type)
            : Expression.New(constructor, parameters.Select(parameter => Source(parameter.Name, parameter.ParameterType, task)!));
        return Expression.MemberInit(made, settable.Select(one => Expression.Bind(one.Member, Source(one.Member.Name, one.Type, task)!)));
    }

    private static bool IsBoolean(Type type) => (Nullable.GetUnderlyingType(type) ?? type) == typeof(bool);

    // Types of one value. A decimal has constructors with a parameter called value, and would lose digits.
    private static MlOpsException? Scalar(Type type, TaskKind task)
    {
        var bare = Nullable.GetUnderlyingType(type) ?? type;
        if (!bare.IsPrimitive && !bare.IsEnum && bare != typeof(decimal) && bare != typeof(string)) return null;
        var why = bare == typeof(bool) ? "Only a binary classifier has a true or false decision."
            : bare == typeof(string) ? "A regression has no classes."
            : "A score is a double or a float, a class is a string, and the decision of a binary classifier is a bool.";
        var instead = task switch
        {
            TaskKind.Regression => "double",
            TaskKind.BinaryClassification => "bool, string or double",
            _ => "string or double",
        };
        return new MlOpsException($"A prediction is not of the type {bare.Name}. {why}", $"Use {instead}, or a class. {Words}");
    }

    // What has no public setter and no parameter would keep its default, and look like an answer. What is computed has no field.
    private static bool IsClosed(PropertyInfo property) =>
        property.SetMethod is { IsPublic: false }
        || (property.SetMethod is null
            && Is(property.Name, [.. Numbers, .. Texts, .. Arrays])
            && property.DeclaringType!.GetField($"<{property.Name}>k__BackingField", BindingFlags.NonPublic | BindingFlags.Instance)
                is not null);

    private static MlOpsException Closed(string name) => new(
        $"{typeof(TOut).Name}.{name} cannot be filled: it has no public setter, and the constructor has no parameter with this name.",
        "Add one of the two. Mark properties that the application fills itself with [Column(Ignore = true)].");

    private static MlOpsException Unknown() =>
        new($"{typeof(TOut).Name} cannot be created from a prediction: it has no matching constructor or settable property.", Words);

    private static MlOpsException Unfilled(string name, Type type, TaskKind task)
    {
        var bare = Nullable.GetUnderlyingType(type) ?? type;
        string[] all = [.. Numbers, .. Texts, .. Arrays];
        var words = bare == typeof(string) ? Texts
            : bare == typeof(double) || bare == typeof(float) ? Numbers
            : bare == typeof(double[]) || bare == typeof(IReadOnlyList<double>) ? Arrays
            : all;
        var why = bare == typeof(string) && task == TaskKind.Regression ? " A regression has no classes."
            : bare == typeof(bool) && task != TaskKind.BinaryClassification ? " Only a binary classifier has a true or false decision."
            : Is(name, all) ? $" It is {bare.Name}."
            : "";
        var near = why.Length == 0 ? NearestName.Find(name, words) : null;
        return new MlOpsException(
            $"No part of a prediction fills {typeof(TOut).Name}.{name}.{why}",
            (near is null ? "" : $"Did you mean {near}? ") + Words +
                " Mark members that the application fills itself with [Column(Ignore = true)].");
    }

    private sealed class ParameterSearch(ParameterExpression parameter) : ExpressionVisitor
    {
        private bool _found;

        public bool IsIn(Expression body)
        {
            Visit(body);
            return _found;
        }

        protected override Expression VisitParameter(ParameterExpression node)
        {
            _found |= node == parameter;
            return node;
        }
    }
}
