using System.Linq.Expressions;
using System.Reflection;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Deployment;

/// <summary>Makes the application's answer type from scores, by compiled code. Thread-safe.</summary>
internal sealed class AnswerBinder<TOut>
{
    private readonly Func<double, int, string?, double[]?, TOut> _make;
    private readonly LabelEncoding _labels;
    private readonly bool _wantsScores;

    public AnswerBinder(LabelEncoding labels)
    {
        _labels = labels;
        var score = Expression.Parameter(typeof(double), "score");
        var decision = Expression.Parameter(typeof(int), "decision");
        var label = Expression.Parameter(typeof(string), "label");
        var scores = Expression.Parameter(typeof(double[]), "scores");

        Expression? Source(string? name, Type type)
        {
            var bare = Nullable.GetUnderlyingType(type) ?? type;
            var any = name is null;
            Expression? source = null;
            if (bare == typeof(double) || bare == typeof(float))
            {
                if (any || Is(name!, "Score", "Probability", "Value", "Prediction")) source = Expression.Convert(score, bare);
            }
            else if (bare == typeof(string) && labels.Task != TaskKind.Regression)
            {
                if (any || Is(name!, "Label", "Class", "PredictedLabel", "PredictedClass")) source = label;
            }
            else if (bare == typeof(bool) && labels.Task == TaskKind.BinaryClassification)
            {
                source = Expression.Equal(decision, Expression.Constant(1));
            }
            else if (bare == typeof(double[]))
            {
                if (any || Is(name!, "Scores", "Probabilities")) source = scores;
            }

            return source is not null && source.Type != type ? Expression.Convert(source, type) : source;
        }

        var body = Source(null, typeof(TOut)) ?? FromMembers(Source);
        _make = Expression.Lambda<Func<double, int, string?, double[]?, TOut>>(body, score, decision, label, scores).Compile();
        _wantsScores = new ParameterSearch(scores).IsIn(body);
    }

    public TOut Answer(ReadOnlySpan<double> scores, int decision) => _make(
        _labels.Task == TaskKind.MulticlassClassification ? scores[decision] : scores[0],
        decision,
        _labels.Task == TaskKind.Regression ? null : _labels.Classes[decision],
        _wantsScores ? scores.ToArray() : null);

    private static bool Is(string name, params ReadOnlySpan<string> known)
    {
        foreach (var one in known)
        {
            if (string.Equals(name, one, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    private static Expression FromMembers(Func<string?, Type, Expression?> source)
    {
        var type = typeof(TOut);
        var settable = type
            .GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(p => p.SetMethod is { IsPublic: true } && source(p.Name, p.PropertyType) is not null)
            .ToArray();
        var constructors = type.GetConstructors().OrderByDescending(c => c.GetParameters().Length);
        foreach (var constructor in constructors)
        {
            var arguments = constructor.GetParameters().Select(p => source(p.Name!, p.ParameterType)).ToArray();
            if (arguments.Length == 0 || arguments.Any(a => a is null)) continue;
            return Expression.New(constructor, arguments!);
        }

        if (settable.Length > 0 && (type.IsValueType || type.GetConstructor(Type.EmptyTypes) is not null))
            return Expression.MemberInit(Expression.New(type), settable.Select(p => Expression.Bind(p, source(p.Name, p.PropertyType)!)));
        throw new MlOpsException(
            $"{type.Name} cannot be made from a prediction: it has no constructor or settable property that is known.",
            "Name them Score, Probability or Value (a number), Label or Class (text), Scores or Probabilities (double[]), or add a " +
                "boolean for the decision of a binary classifier.");
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
