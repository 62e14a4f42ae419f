using System.ComponentModel.DataAnnotations;

namespace MlOps.Sdk.Training;

/// <summary>
/// The settings of <see cref="Trainers.LogisticRegression"/>. Each is a hyperparameter under its name with a small first letter.
/// </summary>
public sealed class LogisticRegressionOptions
{
    /// <summary>Penalty on the squares of the coefficients. Default: 1.</summary>
    [Range(1e-4, 1e4)]
    public double L2 { get; set; } = 1;
}
