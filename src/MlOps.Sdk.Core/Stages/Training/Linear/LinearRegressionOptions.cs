using System.ComponentModel.DataAnnotations;

namespace MlOps.Sdk.Training;

/// <summary>
/// The settings of <see cref="Trainers.LinearRegression"/>. Each is a hyperparameter under its name with a small first letter.
/// </summary>
public sealed class LinearRegressionOptions
{
    /// <summary>Penalty on the squares of the coefficients. Default: 1.</summary>
    [Range(0.0, 1e9)]
    public double L2 { get; set; } = 1;
}
