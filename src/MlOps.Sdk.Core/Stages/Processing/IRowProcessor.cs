using System.Buffers;
using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>
/// A step that computes each row from that row alone. It is part of the model package and runs again at serving time.
/// Implementations are immutable and thread-safe.
/// </summary>
public interface IRowProcessor : IDataProcessor
{
    /// <summary>The format id under which a registered reader loads what <see cref="Save"/> writes.</summary>
    string FormatId { get; }

    /// <summary>Writes the step; the same bytes for the same step.</summary>
    /// <param name="to">Where to write.</param>
    void Save(IBufferWriter<byte> to);

    /// <summary>What the step does to rows of a schema.</summary>
    /// <param name="input">The schema before the step. When serving, it has no label column and only the columns that are needed.</param>
    /// <exception cref="MlOpsException">A column that the step needs is missing or has another type.</exception>
    RowBinding BindRows(Schema input);

    /// <summary>
    /// Whether the step does the same with a column of whole numbers when it is one of numbers, as one does that only computes
    /// with it. Then the model takes fractions where training had whole numbers. Asked of columns that the step reads. Default: no.
    /// </summary>
    /// <param name="column">The column, as it is called before the step.</param>
    bool ReadsAsNumber(string column) => false;

    Schema IDataProcessor.Bind(Schema input) => BindRows(input).Output;

    async IAsyncEnumerable<RecordBatch> IDataProcessor.ProcessAsync(
        IAsyncEnumerable<RecordBatch> rows,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RowBinding? binding = null;
        Schema? bound = null;
        await foreach (var batch in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (!ReferenceEquals(bound, batch.Schema))
            {
                binding = BindRows(batch.Schema);
                bound = batch.Schema;
            }

            yield return binding!.Apply(batch);
        }
    }
}
