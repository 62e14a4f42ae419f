using System.Text.Json.Serialization;

namespace MlOps.Sdk.Metrics;

/// <summary>The errors of a regression over rows of similar predictions. A residual is the truth less the prediction.</summary>
/// <param name="Rows">The number of rows.</param>
/// <param name="Weight">The share of all weights that the rows have, 0 to 1.</param>
/// <param name="Predicted">The mean prediction.</param>
/// <param name="Mean">The mean residual: 0 where predictions are right on average.</param>
/// <param name="RootMeanSquare">The root of the mean squared residual.</param>
/// <param name="Lower">The residual that a tenth of the rows is below; rows count alike.</param>
/// <param name="Upper">The residual that a tenth of the rows is above; rows count alike.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record ResidualBin(
    long Rows, double Weight, double Predicted, double Mean, double RootMeanSquare, double Lower, double Upper);
