using System.Buffers;
using MlOps.Sdk.Features;

namespace MlOps.Sdk.Training;

/// <summary>A trained model. Predicting is thread-safe and allocates nothing.</summary>
public interface IModel : IDisposable
{
    /// <summary>What is read and written.</summary>
    ModelSignature Signature { get; }

    /// <summary>Predicts.</summary>
    /// <param name="rows">Feature vectors; NaN stands for missing.</param>
    /// <param name="output">
    /// Row by row <see cref="ModelSignature.Outputs"/> values on their natural scale: probabilities, or the predicted number.
    /// </param>
    /// <param name="scratch">Memory for the call.</param>
    void Predict(in FeatureBlock rows, Span<double> output, PredictScratch scratch);

    /// <summary>The format id under which a registered reader loads what <see cref="Save"/> writes.</summary>
    string FormatId { get; }

    /// <summary>Writes the model; the same bytes for the same model.</summary>
    /// <param name="to">Where to write.</param>
    void Save(IBufferWriter<byte> to);
}
