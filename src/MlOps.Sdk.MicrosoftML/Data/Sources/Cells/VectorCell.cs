using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// Vectors of numbers, sparse or dense, which become dense ones of Single. ML.NET makes an empty one of an array that is null, whatever
/// length the type says: it is missing.
/// </summary>
/// <typeparam name="T">The element.</typeparam>
internal sealed class VectorCell<T>(ValueGetter<VBuffer<T>> getter, int length)
    : CellReader<VBuffer<T>, VectorColumnBuilder>(getter, new VectorColumnBuilder(length))
    where T : INumberBase<T>
{
    private readonly float[] _dense = new float[length];

    public override void Append()
    {
        if (Value.Length == 0)
        {
            To.AppendNull();
            return;
        }

        var values = Value.GetValues();
        if (Value.IsDense)
        {
            for (var i = 0; i < values.Length; i++) _dense[i] = float.CreateSaturating(values[i]);
        }
        else
        {
            Array.Clear(_dense);
            var indices = Value.GetIndices();
            for (var i = 0; i < values.Length; i++) _dense[indices[i]] = float.CreateSaturating(values[i]);
        }

        To.Append(_dense);
    }

    private protected override string? Check() =>
        Value.Length == length || Value.Length == 0 ? null : $"the vector has {Value.Length} elements, but its type has {length}";
}
