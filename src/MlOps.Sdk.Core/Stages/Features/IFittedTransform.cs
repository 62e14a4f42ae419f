using System.Buffers;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Features;

/// <summary>
/// A transform that has learned: the same code in training and in serving. Implementations are immutable and thread-safe.
/// </summary>
public interface IFittedTransform
{
    /// <summary>The columns that are read.</summary>
    IReadOnlyList<Field> Inputs { get; }

    /// <summary>What is written, in order.</summary>
    IReadOnlyList<FeatureSlot> Outputs { get; }

    /// <summary>Computes the features of some rows. Allocates nothing.</summary>
    /// <param name="rows">The rows; their columns are <see cref="Inputs"/>, in order.</param>
    /// <param name="output">Where every output of every row is written.</param>
    void Apply(in RowBlock rows, FeatureWriter output);

    /// <summary>The format id under which a registered reader loads what <see cref="Save"/> writes.</summary>
    string FormatId { get; }

    /// <summary>Writes what was learned; the same bytes for the same state.</summary>
    /// <param name="to">Where to write.</param>
    void Save(IBufferWriter<byte> to);
}
