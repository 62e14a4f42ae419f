using System.Numerics;
using Microsoft.ML;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Keys that represent texts; 0 represents none.</summary>
/// <typeparam name="T">How keys are stored.</typeparam>
internal sealed class KeyCell<T>(ValueGetter<T> getter, IReadOnlyList<string> texts)
    : CellReader<T, TextColumnBuilder>(getter, new TextColumnBuilder())
    where T : IBinaryInteger<T>, IUnsignedNumber<T>
{
    public override void Append()
    {
        if (T.IsZero(Value)) To.AppendNull();
        else To.Append(texts[int.CreateChecked(Value) - 1]);
    }

    private protected override string? Check() => ulong.CreateTruncating(Value) > (ulong)texts.Count
        ? $"key {ulong.CreateTruncating(Value)} has no value, because there are {texts.Count} values"
        : null;
}
