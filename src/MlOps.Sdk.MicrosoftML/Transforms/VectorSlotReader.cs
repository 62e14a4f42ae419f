using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Features;

namespace MlOps.Sdk.MLNet;

/// <summary>Writes a vector; of a sparse one, only the values that are there where zeros may be left out.</summary>
/// <typeparam name="T">The type of its elements in ML.NET.</typeparam>
internal sealed class VectorSlotReader<T>(ValueGetter<VBuffer<T>> getter, int size, Func<T, float> read) : SlotReader
{
    private VBuffer<T> _buffer;

    public override void Write(int row, int first, bool isSparse, FeatureWriter to)
    {
        getter(ref _buffer);
        if (_buffer.Length != size)
        {
            throw new MlOpsException(
                $"A feature transform of ML.NET gave a vector of {_buffer.Length} elements instead of {size}.", "Train again.");
        }
        var values = _buffer.GetValues();
        if (_buffer.IsDense)
        {
            for (var slot = 0; slot < values.Length; slot++) to.Set(row, first + slot, read(values[slot]));
            return;
        }

        var indices = _buffer.GetIndices();
        var next = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (!isSparse)
            {
                for (; next < indices[i]; next++) to.Set(row, first + next, 0);
            }

            to.Set(row, first + indices[i], read(values[i]));
            next = indices[i] + 1;
        }

        if (isSparse) return;
        for (; next < size; next++) to.Set(row, first + next, 0);
    }
}
