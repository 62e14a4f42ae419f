using System.ComponentModel.DataAnnotations;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// The settings of <see cref="MicrosoftML.AveragedPerceptron"/>. Each is a hyperparameter under its name with a small first letter.
/// </summary>
public sealed class AveragedPerceptronOptions
{
    /// <summary>Passes over the rows. Default: 10.</summary>
    [Range(1, 100_000)]
    public int Iterations { get; set; } = 10;

    /// <summary>The size of a step. Default: 1.</summary>
    [Range(1e-4, 1e3)]
    public double LearningRate { get; set; } = 1;

    /// <summary>Whether steps become smaller from row to row. Default: no.</summary>
    public bool DecreaseLearningRate { get; set; }

    /// <summary>By what part the coefficients shrink with each row. Default: 0.</summary>
    [Range(0.0, 0.49)]
    public double L2 { get; set; }
}
