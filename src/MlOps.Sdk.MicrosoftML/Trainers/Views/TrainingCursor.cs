using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.MLNet;

/// <summary>Moves over the rows of a <see cref="TrainingView"/>. Confined to a thread.</summary>
/// <param name="view">The view.</param>
/// <param name="active">Which columns are read.</param>
/// <param name="walk">The rows.</param>
internal sealed class TrainingCursor(TrainingView view, bool[] active, RowWalk walk) : WalkingCursor(walk)
{
    public override DataViewSchema Schema => view.Schema;

    public override bool IsColumnActive(DataViewSchema.Column column) => active[view.IndexOf(column)];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
        {
            throw new InvalidOperationException($"The column '{column.Name}' was not requested when the cursor was created.");
        }
        return Getter(column) as ValueGetter<TValue>
            ?? throw new InvalidOperationException(
                $"The column '{column.Name}' is {column.Type}, whose values are read as {column.Type.RawType.Name}, " +
                    $"not {typeof(TValue).Name}.");
    }

    private Delegate Getter(DataViewSchema.Column column) => column.Name switch
    {
        TrainingColumns.Features => view.Sparse is null ? (ValueGetter<VBuffer<float>>)GetDense : GetSparse,
        TrainingColumns.Weight => (ValueGetter<float>)((ref value) => value = (float)view.Weights.Span[Row]),
        _ => view.Task switch
        {
            TaskKind.BinaryClassification => (ValueGetter<bool>)((ref value) => value = Label() > 0),
            // Keys are counted from 1: 0 is a missing one.
            TaskKind.MulticlassClassification => (ValueGetter<uint>)((ref value) => value = (uint)Label() + 1),
            _ => (ValueGetter<float>)((ref value) => value = (float)Label()),
        },
    };

    private void GetDense(ref VBuffer<float> value)
    {
        var editor = VBufferEditor.Create(ref value, view.Width);
        DenseOf(Row).CopyTo(editor.Values);
        value = editor.Commit();
    }

    private void GetSparse(ref VBuffer<float> value)
    {
        var row = Row;
        var sparse = view.Sparse!;
        var present = sparse.Starts[row]..sparse.Starts[row + 1];
        SparseVector.Write(ref value, view.Width, DenseOf(row), sparse.Slots[present], sparse.Values[present]);
    }

    private ReadOnlySpan<float> DenseOf(int row) => view.Dense.AsSpan(row * view.DenseWidth, view.DenseWidth);

    private double Label() => view.Labels.Span[Row];
}
