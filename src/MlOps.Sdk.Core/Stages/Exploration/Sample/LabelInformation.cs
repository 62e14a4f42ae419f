using System.Text.Json.Serialization;

namespace MlOps.Sdk.Exploration;

/// <summary>The mutual information of a column and the label, by the plug-in estimate.</summary>
/// <param name="Column">The column.</param>
/// <param name="Nats">The estimate in nats; 0 when the column tells nothing.</param>
/// <param name="Bias">
/// What the estimate has of unrelated variables: (bins − 1)(bins of the label − 1) / 2n (Miller 1955). An estimate that is
/// not well above it says nothing.
/// </param>
/// <param name="Bins">
/// The bins of the column that have rows: deciles of numbers, the 50 most frequent texts and the others, and
/// missing values as a separate bin.
/// </param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record LabelInformation(string Column, double Nats, double Bias, int Bins);
