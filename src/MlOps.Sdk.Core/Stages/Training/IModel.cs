using System.Buffers;
using MlOps.Sdk.Features;

namespace MlOps.Sdk.Training;

/// <summary>A trained model. Predicting is thread-safe and allocates nothing.</summary>
public interface IModel : IDisposable
{
    /// <summary>What is read and written.</summary>
    ModelSignature Signature { get; }

    /// <summary>Predicts.</summary>
    /// <param name="rows">
    /// Feature vectors; NaN means missing. A model of a trainer that does not understand missing features (see
    /// <see cref="TrainerCapabilities.HandlesMissing"/>) gives NaN for such a row, never a number. Training rejects these rows, and
    /// whatever scores rows with a package (evaluation, gates, batch, endpoints) rejects them with the name of the feature.
    /// </param>
    /// <param name="output">
    /// Row by row <see cref="ModelSignature.Outputs"/> values on their natural scale: probabilities, or the predicted number.
    /// </param>
    /// <param name="scratch">Memory for the call.</param>
    void Predict(in FeatureBlock rows, Span<double> output, PredictScratch scratch);

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
