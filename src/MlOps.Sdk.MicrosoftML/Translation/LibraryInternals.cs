using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// What the library knows of its models and does not tell. Read once, when a model is translated. Where a version of the library has it no
/// more, a translation says so, and tests fail.
/// </summary>
internal static class LibraryInternals
{
    private const BindingFlags AnyInstance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>
    /// What a missing value counts as at each node; <see langword="null"/> when it stays missing, and goes right. LightGBM has such values.
    /// </summary>
    public static float[]? ValuesForMissing(RegressionTreeBase tree) =>
        (float[]?)Field(Field(tree, typeof(RegressionTreeBase), "_tree")!, null, "DefaultValueForMissing");

    /// <summary>The models of the classes, in the library's order.</summary>
    public static ImmutableArray<object> Classes(OneVersusAllModelParameters model) => Read(() => SubModelParameters(model));

    /// <summary>How the scores of the classes become the model's: <c>Raw</c>, <c>ProbabilityNormalization</c> or <c>Softmax</c>.</summary>
    public static string Formula(OneVersusAllModelParameters model) =>
        Field(Field(model, typeof(OneVersusAllModelParameters), "_impl")!, null, "OutputFormula")!.ToString()!;

    /// <summary>The highest value of each bin, per shape function.</summary>
    public static double[][] UpperBounds(GamModelParametersBase model) => Read(() => BinUpperBounds(model));

    /// <summary>What each bin adds, per shape function.</summary>
    public static double[][] Effects(GamModelParametersBase model) => Read(() => BinEffects(model));

    /// <summary>The feature of each shape function.</summary>
    /// <remarks>The public methods take a feature, and reject those beyond the number of shape functions.</remarks>
    public static int[] Features(GamModelParametersBase model) => Read(() => ShapeToInputMap(model));

    /// <param name="of">The object.</param>
    /// <param name="type">The type that declares the field; that of the object, or one that it derives from, when none is given.</param>
    /// <param name="name">The field.</param>
    private static object? Field(object of, Type? type, string name)
    {
        for (var at = type ?? of.GetType(); at is not null; at = at.BaseType)
        {
            if (at.GetField(name, AnyInstance | BindingFlags.DeclaredOnly) is { } field) return field.GetValue(of);
        }

        throw Changed($"{(type ?? of.GetType()).Name}.{name}");
    }

    private static T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (MissingMemberException e)
        {
            throw Changed(e.Message);
        }
    }

    private static NotTranslatableException Changed(string what) => new(
        $"This version of Microsoft.ML stores its models differently from the versions that can be converted ({what}).");

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_SubModelParameters")]
    private static extern ImmutableArray<object> SubModelParameters(OneVersusAllModelParameters model);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_binUpperBounds")]
    private static extern ref double[][] BinUpperBounds(GamModelParametersBase model);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_binEffects")]
    private static extern ref double[][] BinEffects(GamModelParametersBase model);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_shapeToInputMap")]
    private static extern ref int[] ShapeToInputMap(GamModelParametersBase model);
}
