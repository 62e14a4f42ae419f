using System.Globalization;
using System.Numerics;
using Microsoft.ML;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Integers of any width.</summary>
/// <typeparam name="T">The integer.</typeparam>
internal sealed class IntegerCell<T>(ValueGetter<T> getter) : CellReader<T, IntegerColumnBuilder>(getter, new IntegerColumnBuilder())
    where T : IBinaryInteger<T>
{
    public override void Append() => To.Append(long.CreateChecked(Value));

    private protected override string? Check() =>
        typeof(T) == typeof(ulong) && ulong.CreateTruncating(Value) > long.MaxValue
            ? string.Create(CultureInfo.InvariantCulture, $"{Value} is outside the range of signed 64-bit integers")
            : null;
}
