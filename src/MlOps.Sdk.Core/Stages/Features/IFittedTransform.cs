using System.Buffers;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Features;

/// <summary>
/// A transform that has learned: the same code in training and in serving. Implementations are immutable and thread-safe.
/// </summary>
/// <remarks>
/// An implementation that holds what must be given back, such as a session of a native library, is <see cref="IDisposable"/> as well.
/// Whoever fitted or read it owns it: in a lifecycle, the graph of a fold is disposed of with the fold, and that of a package with the
/// package, when its last call has ended. What is kept for a caller in its <see cref="PredictScratch"/> is disposed of before.
/// </remarks>
public interface IFittedTransform
{
    /// <summary>
    /// The columns that are read. One that is declared <see cref="ColumnType.Number"/> may be one of whole numbers in training: read it by
    /// <see cref="RowBlock.Number"/>, and the model takes fractions.
    /// </summary>
    IReadOnlyList<Field> Inputs { get; }

    /// <summary>What is written, in order.</summary>
    IReadOnlyList<FeatureSlot> Outputs { get; }

    /// <summary>
    /// Whether nearly all outputs are 0, so that only the others are written and kept. Sparse outputs come after the dense ones in the
    /// feature vector. Default: no.
    /// </summary>
    bool IsSparse => false;

    /// <summary>
    /// Whether it computes the same to the last bit on every machine. Where it does not, as where code of others computes in single
    /// precision, answers may differ by its rounding when a package is loaded. Default: yes.
    /// </summary>
    bool IsExact => true;

    /// <summary>Computes the features of some rows. Allocates nothing.</summary>
    /// <param name="rows">The rows; their columns are <see cref="Inputs"/>, in order.</param>
    /// <param name="output">Where every output of every row is written.</param>
    /// <param name="scratch">Memory for the call, and the place of what is kept for its caller.</param>
    void Apply(in RowBlock rows, FeatureWriter output, PredictScratch scratch);

    /// <summary>The format id under which a registered reader loads what <see cref="Save"/> writes.</summary>
    string FormatId { get; }

    /// <summary>Writes what was learned; the same bytes for the same state.</summary>
    /// <param name="to">Where to write.</param>
    void Save(IBufferWriter<byte> to);
}
