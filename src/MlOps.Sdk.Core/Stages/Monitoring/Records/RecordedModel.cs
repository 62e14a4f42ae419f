using MlOps.Sdk.Data;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Packaging;

namespace MlOps.Sdk.Monitoring;

/// <summary>What is known of a version whose predictions are recorded: how to read them. Immutable.</summary>
/// <param name="Model">The model.</param>
/// <param name="Version">The version.</param>
/// <param name="ContentHash">The hash of its package.</param>
/// <param name="Decision">From scores to answers.</param>
/// <param name="Input">The recorded columns.</param>
/// <param name="ChangesLabel">Whether steps compute the label, so that reported labels are not what is predicted.</param>
/// <param name="Shape">What windows of its predictions count.</param>
/// <param name="Evaluated">The evaluation that the package was released with.</param>
internal sealed record RecordedModel(
    string Model,
    int Version,
    string ContentHash,
    Decision Decision,
    Schema Input,
    bool ChangesLabel,
    WindowShape Shape,
    IReadOnlyDictionary<string, MetricValue> Evaluated)
{
    public static RecordedModel Of(string model, int version, ModelPackage package) => new(
        model,
        version,
        package.ContentHash,
        package.Decision,
        package.Graph.Input,
        package.Graph.ChangesLabel,
        WindowShape.Of(package),
        package.Facts.Metrics);
}
