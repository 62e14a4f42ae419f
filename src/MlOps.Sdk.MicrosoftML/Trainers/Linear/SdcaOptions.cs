using System.ComponentModel.DataAnnotations;

namespace MlOps.Sdk.MLNet;

/// <summary>The settings of <see cref="MicrosoftML.Sdca"/>. Each is a hyperparameter under its name with a small first letter.</summary>
public sealed class SdcaOptions
{
    /// <summary>Penalty on the squares of the coefficients; 0 to have it chosen by the number of rows. Default: 0.</summary>
    [Range(0.0, 1e4)]
    public double L2 { get; set; }

    /// <summary>
    /// Coefficients whose size is below this become 0, in units of the penalty: a higher number gives fewer coefficients. Default: 0.
    /// </summary>
    [Range(0.0, 1e4)]
    public double L1 { get; set; }

    /// <summary>Training ends when the gap to the best possible loss is this part of the loss. Default: 0.1.</summary>
    [Range(1e-6, 1.0)]
    public double Tolerance { get; set; } = 0.1;

    /// <summary>Passes over the rows at most; 0 to have the number chosen by the number of rows. Default: 0.</summary>
    [Range(0, 1_000_000)]
    public int Iterations { get; set; }

    /// <summary>How fast the intercept learns without being penalised; 0 to penalise it like a coefficient. Default: 0.</summary>
    [Range(0.0, 1.0)]
    public double BiasLearningRate { get; set; }
}
