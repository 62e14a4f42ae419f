using System.Collections;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// What an estimator trains with, however deep in chains and meta-trainers it is. Estimators do not tell: their fields are searched, and
/// one whose code is not known may train with anything.
/// </summary>
internal sealed class EstimatorParts
{
    // Parts of ML.NET that train nothing but what they hold.
    private static readonly HashSet<string> s_known = new(StringComparer.Ordinal)
    {
        "Microsoft.ML.Core",
        "Microsoft.ML.Data",
        "Microsoft.ML.ImageAnalytics",
        "Microsoft.ML.KMeansClustering",
        "Microsoft.ML.Mkl.Components",
        "Microsoft.ML.OnnxTransformer",
        "Microsoft.ML.PCA",
        "Microsoft.ML.Recommender",
        "Microsoft.ML.StandardTrainers",
        "Microsoft.ML.TensorFlow",
        "Microsoft.ML.TimeSeries",
        "Microsoft.ML.Transforms",
        "Microsoft.ML.Vision",
    };

    private readonly HashSet<object> _visited = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> _assemblies = new(StringComparer.Ordinal);
    private readonly List<object> _additive = [];
    private bool _mayBeAny;

    private EstimatorParts()
    {
    }

    /// <summary>The trainers that need <see cref="GamCancellation"/>.</summary>
    public IReadOnlyList<object> Additive => _additive;

    /// <summary>Searches an estimator.</summary>
    public static EstimatorParts Of(IEstimator<ITransformer> estimator)
    {
        var parts = new EstimatorParts();
        var open = new Stack<object>();
        open.Push(estimator);
        while (open.TryPop(out var part)) parts.Visit(part, open);
        return parts;
    }

    /// <summary>Whether fitting may train a model behind a gate.</summary>
    public bool MayTrainBehind(TrainingGate gate) => _mayBeAny || _assemblies.Contains(gate.Assembly);

    private void Visit(object part, Stack<object> open)
    {
        var type = part.GetType();
        if (type.IsPrimitive || type.IsEnum || type.IsPointer || part is string or Type) return;
        if (part is IHostEnvironment or IDataView or ITransformer or DataViewSchema or DataViewType or SchemaShape) return;
        if (!type.IsValueType && !_visited.Add(part)) return;
        if (part is Delegate { Target: { } target }) open.Push(target);
        if (part is ICollection collection)
        {
            if (type.GetElementType() is { IsPrimitive: true }) return;
            foreach (var item in collection)
            {
                if (item is not null) open.Push(item);
            }
        }

        var assembly = type.Assembly.GetName().Name ?? "";
        var isTrainers = assembly == TrainingGate.FastTree.Assembly || assembly == TrainingGate.LightGbm.Assembly;
        if (isTrainers && IsEstimator(type)) _assemblies.Add(assembly);
        if (GamCancellation.IsNeededBy(part)) _additive.Add(part);
        if (isTrainers || s_known.Contains(assembly) || type.IsValueType) PushFields(part, type, open);
        else if (IsEstimator(type)) _mayBeAny = true;
    }

    private static bool IsEstimator(Type type) => type.GetInterfaces().Any(
        contract => contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IEstimator<>));

    private static void PushFields(object part, Type type, Stack<object> open)
    {
        const BindingFlags own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        for (var at = type; at is not null && at != typeof(object); at = at.BaseType)
        {
            foreach (var field in at.GetFields(own))
            {
                if (field.FieldType.IsPrimitive || field.FieldType.IsPointer || field.FieldType.IsByRefLike) continue;
                if (field.GetValue(part) is { } value) open.Push(value);
            }
        }
    }
}
