using System.Text.Json.Serialization;

namespace MlOps.Sdk.Statistics;

/// <summary>An area under the ROC curve with its uncertainty.</summary>
/// <param name="Auc">The area; NaN when a class is missing.</param>
/// <param name="Variance">Its variance by DeLong; NaN when a class has fewer than two rows.</param>
/// <param name="Interval">
/// The interval on the logit scale, see <see cref="DeLong"/>; the area itself where its variance is 0; NaN when there is no variance.
/// </param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public readonly record struct AucEstimate(double Auc, double Variance, ConfidenceInterval Interval);
