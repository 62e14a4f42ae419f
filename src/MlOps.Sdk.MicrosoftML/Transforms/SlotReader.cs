using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Features;

namespace MlOps.Sdk.MLNet;

/// <summary>Writes the numbers of one column of ML.NET as features. Confined to a thread.</summary>
internal abstract class SlotReader
{
    /// <summary>Writes the features of the current row.</summary>
    /// <param name="row">The row of the block.</param>
    /// <param name="first">The first slot of the column.</param>
    /// <param name="isSparse">Whether zeros may be left out.</param>
    /// <param name="to">Where to write.</param>
    public abstract void Write(int row, int first, bool isSparse, FeatureWriter to);

    /// <summary>Creates the reader of a column.</summary>
    public static SlotReader Create(DataViewRow row, DataViewSchema.Column column)
    {
        var isVector = column.Type is VectorDataViewType;
        var item = column.Type is VectorDataViewType vector ? vector.ItemType : column.Type;
        if (item == NumberDataViewType.Single) return New<float>(row, column, isVector, static value => value);
        if (item == NumberDataViewType.Double) return New<double>(row, column, isVector, static value => (float)value);
        return New<bool>(row, column, isVector, static value => value ? 1 : 0);
    }

    private static SlotReader New<T>(DataViewRow row, DataViewSchema.Column column, bool isVector, Func<T, float> read) => isVector
        ? new VectorSlotReader<T>(row.GetGetter<VBuffer<T>>(column), ((VectorDataViewType)column.Type).Size, read)
        : new ScalarSlotReader<T>(row.GetGetter<T>(column), read);
}
