using System.Buffers;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;

namespace MlOps.Sdk.Training;

/// <summary>
/// A trained model that reads columns instead of features. It is packaged, gated, served and monitored like every other model. Predicting
/// is thread-safe: what must not be shared is kept in the caller's scratch.
/// </summary>
public interface IRowModel : IDisposable
{
    /// <summary>What is read and written; <see cref="ModelSignature.Features"/> is the number of columns.</summary>
    ModelSignature Signature { get; }

    /// <summary>The columns that are read, as they are after the row-wise steps; never the label.</summary>
    IReadOnlyList<Field> Inputs { get; }

    /// <summary>Predicts.</summary>
    /// <param name="rows">The rows; their columns are <see cref="Inputs"/>, in order.</param>
    /// <param name="output">
    /// Row by row <see cref="ModelSignature.Outputs"/> values on their natural scale: probabilities, or the predicted number.
    /// </param>
    /// <param name="scratch">Memory for the call, and the place of what is kept for its caller.</param>
    void Predict(in RowBlock rows, Span<double> output, PredictScratch scratch);

    /// <summary>
    /// Whether it computes the same to the last bit on every machine. Where it does not, as where code of others computes in single
    /// precision, answers may differ by its rounding when a package is loaded. Default: yes.
    /// </summary>
    bool IsExact => true;

    /// <summary>The format id under which a registered reader loads what <see cref="Save"/> writes.</summary>
    string FormatId { get; }

    /// <summary>Writes the model; the same bytes for the same model.</summary>
    /// <param name="to">Where to write.</param>
    void Save(IBufferWriter<byte> to);
}
