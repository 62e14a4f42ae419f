using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Makes the reader that a column needs.</summary>
internal static class CellReaders
{
    /// <summary>Makes the reader of a column.</summary>
    /// <param name="field">The column.</param>
    /// <param name="cursor">A cursor on which it is active.</param>
    public static CellReader Create(ViewField field, DataViewRowCursor cursor)
    {
        var (source, type) = (field.Source, field.Source.Type.RawType);
        var name = field.Field.Name;
        return source.Type switch
        {
            KeyDataViewType key when type == typeof(byte) => Key<byte>(key),
            KeyDataViewType key when type == typeof(ushort) => Key<ushort>(key),
            KeyDataViewType key when type == typeof(uint) => Key<uint>(key),
            KeyDataViewType key => Key<ulong>(key),
            VectorDataViewType vector => Vector(vector),
            _ when type == typeof(double) => new DoubleCell(cursor.GetGetter<double>(source)) { Name = name },
            _ when type == typeof(float) => new SingleCell(cursor.GetGetter<float>(source)) { Name = name },
            _ when type == typeof(bool) => new BooleanCell(cursor.GetGetter<bool>(source)) { Name = name },
            _ when type == typeof(DateTime) => new DateTimeCell(cursor.GetGetter<DateTime>(source)) { Name = name },
            _ when type == typeof(DateTimeOffset) => new DateTimeOffsetCell(cursor.GetGetter<DateTimeOffset>(source)) { Name = name },
            _ when type == typeof(ReadOnlyMemory<char>) => new TextCell(cursor.GetGetter<ReadOnlyMemory<char>>(source)) { Name = name },
            _ when type == typeof(sbyte) => Integer<sbyte>(),
            _ when type == typeof(short) => Integer<short>(),
            _ when type == typeof(int) => Integer<int>(),
            _ when type == typeof(long) => Integer<long>(),
            _ when type == typeof(byte) => Integer<byte>(),
            _ when type == typeof(ushort) => Integer<ushort>(),
            _ when type == typeof(uint) => Integer<uint>(),
            _ when type == typeof(ulong) => Integer<ulong>(),
            _ => throw new InvalidOperationException($"There is no reader for {source.Type}."),
        };

        CellReader Integer<T>()
            where T : IBinaryInteger<T> => new IntegerCell<T>(cursor.GetGetter<T>(source)) { Name = name };

        CellReader Key<T>(KeyDataViewType key)
            where T : IBinaryInteger<T>, IUnsignedNumber<T> => field.Keys is { } keys
            ? new KeyCell<T>(cursor.GetGetter<T>(source), keys) { Name = name }
            : new KeyNumberCell<T>(cursor.GetGetter<T>(source), key.Count) { Name = name };

        CellReader Vector(VectorDataViewType vector)
        {
            var item = vector.ItemType.RawType;
            return item == typeof(float) ? VectorOf<float>(vector.Size)
                : item == typeof(double) ? VectorOf<double>(vector.Size)
                : item == typeof(sbyte) ? VectorOf<sbyte>(vector.Size)
                : item == typeof(short) ? VectorOf<short>(vector.Size)
                : item == typeof(int) ? VectorOf<int>(vector.Size)
                : item == typeof(long) ? VectorOf<long>(vector.Size)
                : item == typeof(byte) ? VectorOf<byte>(vector.Size)
                : item == typeof(ushort) ? VectorOf<ushort>(vector.Size)
                : item == typeof(uint) ? VectorOf<uint>(vector.Size)
                : item == typeof(ulong) ? VectorOf<ulong>(vector.Size)
                : throw new InvalidOperationException($"There is no reader for {source.Type}.");
        }

        CellReader VectorOf<T>(int length)
            where T : INumberBase<T> => new VectorCell<T>(cursor.GetGetter<VBuffer<T>>(source), length) { Name = name };
    }
}
