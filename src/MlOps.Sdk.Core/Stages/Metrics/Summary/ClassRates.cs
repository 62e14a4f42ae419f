using System.Text.Json.Serialization;

namespace MlOps.Sdk.Metrics;

/// <summary>How well one class is found. Rates are NaN where they are 0/0.</summary>
/// <param name="Class">The class.</param>
/// <param name="Rows">The rows of the class.</param>
/// <param name="Decided">The rows that were decided to be of the class.</param>
/// <param name="Precision">The share of these decisions that are right.</param>
/// <param name="Recall">The share of the class's rows that were found.</param>
/// <param name="F1">The harmonic mean of precision and recall.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record ClassRates(string Class, long Rows, long Decided, double Precision, double Recall, double F1);
