using System.ComponentModel.DataAnnotations;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// The settings of <see cref="MicrosoftML.LinearSvm"/>. Each is a hyperparameter under its name with a small first letter.
/// </summary>
public sealed class LinearSvmOptions
{
    /// <summary>Penalty on the squares of the coefficients. Default: 0.001.</summary>
    [Range(1e-8, 10.0)]
    public double Lambda { get; set; } = 0.001;

    /// <summary>Passes over the rows. Default: 10.</summary>
    [Range(1, 100_000)]
    public int Iterations { get; set; } = 10;

    /// <summary>Rows of a step. Default: 1.</summary>
    [Range(1, 1_000_000)]
    public int BatchSize { get; set; } = 1;

    /// <summary>Whether the coefficients are kept within the ball that the penalty allows, after each step. Default: no.</summary>
    public bool Projection { get; set; }

    /// <summary>Whether there is an intercept. Default: yes.</summary>
    public bool Intercept { get; set; } = true;
}
