using Microsoft.ML;
using MlOps.Sdk.Features;

namespace MlOps.Sdk.MLNet;

/// <summary>Writes a single value.</summary>
/// <typeparam name="T">Its type in ML.NET.</typeparam>
internal sealed class ScalarSlotReader<T>(ValueGetter<T> getter, Func<T, float> read) : SlotReader
{
    public override void Write(int row, int first, bool isSparse, FeatureWriter to)
    {
        T value = default!;
        getter(ref value);
        to.Set(row, first, read(value));
    }
}
