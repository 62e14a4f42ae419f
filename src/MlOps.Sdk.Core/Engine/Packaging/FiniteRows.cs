using System.Globalization;
using System.Runtime.Intrinsics;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;

namespace MlOps.Sdk.Packaging;

/// <summary>Rejects what would become a decision without being a number. Thread-safe; allocates only to fail.</summary>
internal static class FiniteRows
{
    /// <summary>Checks the features of a model that was trained without missing and infinite ones.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="slots">The features.</param>
    /// <param name="first">The number of the first row in what the caller gave.</param>
    /// <exception cref="MlOpsException">A feature is missing or infinite.</exception>
    public static void CheckFeatures(in FeatureBlock rows, IReadOnlyList<FeatureSlot> slots, long first)
    {
        if (!AreFinite(rows.Values))
        {
            var at = rows.Values.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
            throw NotFinite(slots[at % rows.DenseWidth], first + at / rows.DenseWidth, rows.Values[at]);
        }

        if (rows.IsDense) return;
        for (var row = 0; row < rows.RowCount; row++)
        {
            var values = rows.SparseValues(row);
            if (AreFinite(values)) continue;
            var at = values.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
            throw NotFinite(slots[rows.SparseSlots(row)[at]], first + row, values[at]);
        }
    }

    /// <summary>Checks what a model predicted.</summary>
    /// <param name="scores">Row after row, <paramref name="outputs"/> numbers each.</param>
    /// <param name="outputs">The model's outputs.</param>
    /// <param name="first">The number of the first row in what the caller gave.</param>
    /// <exception cref="MlOpsException">A score is not a number, or infinite.</exception>
    public static void CheckScores(ReadOnlySpan<double> scores, int outputs, long first)
    {
        for (var i = 0; i < scores.Length; i++)
        {
            if (double.IsFinite(scores[i])) continue;
            throw new MlOpsException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The model gives {scores[i]} for row {first + i / outputs}, which is not a prediction."),
                "Most often a feature of the row is missing or infinite: fill missing values and clip infinite ones in ProcessData or " +
                    "EngineerFeatures.");
        }
    }

    /// <summary>The first row that the model gives no number for; −1 when it gives one for each.</summary>
    public static int FindUnscored(ReadOnlySpan<double> scores, int outputs)
    {
        for (var i = 0; i < scores.Length; i++)
        {
            if (!double.IsFinite(scores[i])) return i / outputs;
        }

        return -1;
    }

    /// <summary>
    /// Fails when a row has a value that no feature can hold: then it is no failure of the model that it gives no number.
    /// </summary>
    /// <param name="schema">The columns of the rows.</param>
    /// <param name="inputs">Their values.</param>
    /// <param name="row">The row.</param>
    /// <param name="first">The number of the first row in what the caller gave.</param>
    /// <exception cref="MlOpsException">A number is infinite or beyond 32 bits, or an element of a vector is not a number.</exception>
    public static void CheckInputs(Schema schema, ReadOnlySpan<ColumnBuilder> inputs, int row, long first)
    {
        for (var i = 0; i < inputs.Length; i++)
        {
            var isWrong = inputs[i].View switch
            {
                NumberColumn numbers => Math.Abs(numbers.Buffer[row]) > float.MaxValue,
                VectorColumn vectors => !vectors.IsNull(row) && !AreFinite(vectors.GetVector(row)),
                _ => false,
            };
            if (!isWrong) continue;
            var name = schema[i].Name;
            throw new MlOpsException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The value of '{name}' in row {first + row} is infinite or too large, and the model gives no number for it."),
                string.Create(CultureInfo.InvariantCulture, $"Give finite numbers up to {float.MaxValue:0.##E+0} in '{name}'."))
            {
                Column = name, IsOfCaller = true
            };
        }
    }

    /// <summary>Fails when a feature of a row is infinite: then it is no failure of the model that it gives no number.</summary>
    /// <exception cref="MlOpsException">A feature is infinite.</exception>
    public static void CheckInfinite(in FeatureBlock rows, IReadOnlyList<FeatureSlot> slots, int row, long first)
    {
        var dense = rows.Row(row);
        for (var i = 0; i < dense.Length; i++)
        {
            if (float.IsInfinity(dense[i])) throw NotFinite(slots[i], first + row, dense[i]);
        }

        var sparse = rows.SparseValues(row);
        for (var i = 0; i < sparse.Length; i++)
        {
            if (float.IsInfinity(sparse[i])) throw NotFinite(slots[rows.SparseSlots(row)[i]], first + row, sparse[i]);
        }
    }

    private static bool AreFinite(ReadOnlySpan<float> values)
    {
        var i = 0;
        if (values.Length >= Vector256<float>.Count)
        {
            var largest = Vector256.Create(float.MaxValue);
            for (; i <= values.Length - Vector256<float>.Count; i += Vector256<float>.Count)
            {
                // A value that is not a number is not below anything either.
                if (!Vector256.LessThanOrEqualAll(Vector256.Abs(Vector256.Create(values.Slice(i, Vector256<float>.Count))), largest))
                    return false;
            }
        }

        for (; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i])) return false;
        }

        return true;
    }

    private static MlOpsException NotFinite(FeatureSlot feature, long row, float value) => new(
        string.Create(
            CultureInfo.InvariantCulture,
            $"The feature '{feature.Name}' of row {row} is {(float.IsNaN(value) ? "missing" : "infinite")}, " +
                $"and no row that the model was trained on had such a value."),
        "Fill missing values and clip infinite ones in ProcessData or EngineerFeatures, or train Trainers.GradientBoosting(), which " +
            "understands both.") { Column = feature.Column, IsOfCaller = true };
}
