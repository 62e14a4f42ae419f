using MlOps.Sdk;
using MlOps.Sdk.Data;
using MlOps.Sdk.Processing;

namespace MicrosoftMLExample;

/// <summary>Holds out the rows whose column 'part' is 'test'. Immutable and thread-safe.</summary>
internal sealed class PartSplitter : ISplitter
{
    public string Name => "part = test";

    public IReadOnlyList<string> Key => [];

    public SplitAssignment Begin(Schema schema)
    {
        if (schema["part"].Type == ColumnType.Text) return new Assignment();
        throw new MlOpsException("The column 'part' is not text.", "Write 'train' or 'test' into it.") { Column = "part" };
    }

    private sealed class Assignment : SplitAssignment
    {
        public override void Assign(RecordBatch batch, ReadOnlySpan<RowKey> keys, Span<SplitSide> sides)
        {
            var part = batch["part"];
            for (var row = 0; row < batch.RowCount; row++)
            {
                sides[row] = part.GetText(row) == "test" ? SplitSide.Holdout : SplitSide.Train;
            }
        }
    }
}
