using System.Numerics;
using Microsoft.ML;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Keys of which nobody says what they represent, as they are stored: from 1 on; 0 represents none.</summary>
/// <typeparam name="T">How keys are stored.</typeparam>
internal sealed class KeyNumberCell<T>(ValueGetter<T> getter, ulong count)
    : CellReader<T, IntegerColumnBuilder>(getter, new IntegerColumnBuilder())
    where T : IBinaryInteger<T>, IUnsignedNumber<T>
{
    public override void Append()
    {
        if (T.IsZero(Value)) To.AppendNull();
        else To.Append(long.CreateChecked(Value));
    }

    private protected override string? Check() => ulong.CreateTruncating(Value) is var key && (key > count || key > long.MaxValue)
        ? $"key {key} is not one of the {count} keys"
        : null;
}
