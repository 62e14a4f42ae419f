using Microsoft.ML;

namespace MlOps.Sdk.MLNet;

/// <summary>Moves over the rows of an <see cref="InputView"/>. Confined to a thread.</summary>
/// <param name="values">The values, with the columns bound.</param>
/// <param name="walk">The rows.</param>
internal sealed class InputCursor(InputValues values, RowWalk walk) : WalkingCursor(walk)
{
    public override DataViewSchema Schema => values.Schema;

    public override bool IsColumnActive(DataViewSchema.Column column) => values.IsActive(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => values.Getter<TValue>(column);

    private protected override void OnRow(int row) => values.Row = row;
}
