using System.ComponentModel.DataAnnotations;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// The settings of <see cref="MicrosoftML.LbfgsPoissonRegression"/>. Each is a hyperparameter under its name with a small first letter.
/// </summary>
public sealed class LbfgsPoissonRegressionOptions
{
    /// <summary>Penalty on the sizes of the coefficients: a higher number gives fewer coefficients. Default: 1.</summary>
    [Range(0.0, 1e4)]
    public double L1 { get; set; } = 1;

    /// <summary>Penalty on the squares of the coefficients. Default: 1.</summary>
    [Range(0.0, 1e4)]
    public double L2 { get; set; } = 1;

    /// <summary>Training ends when the loss falls by less than this part of it in a step. Default: 1e-7.</summary>
    [Range(1e-9, 0.1)]
    public double Tolerance { get; set; } = 1e-7;

    /// <summary>Steps at most. Default: 10,000, which the tolerance is reached before.</summary>
    [Range(1, 1_000_000)]
    public int Iterations { get; set; } = 10_000;

    /// <summary>How many steps are remembered to guess the curvature. Default: 20.</summary>
    [Range(1, 512)]
    public int HistorySize { get; set; } = 20;

    /// <summary>Whether coefficients below 0 are excluded. Default: no.</summary>
    public bool NonNegative { get; set; }

    /// <summary>
    /// Into how many parts the rows are cut, which are summed side by side, each by one thread. Sums of other parts differ in their last
    /// bits, and so do models: the number belongs to the model, like the penalties. It is used as it is on every machine and in every
    /// search, also where <see cref="TrainingRequest.Threads"/> allows fewer threads, which would otherwise decide the model. With fewer
    /// than 10 rows a part, there is one part for every 100 rows instead. More than one part keeps a copy of the rows in memory.
    /// Default: 1.
    /// </summary>
    [Range(1, 1024)]
    public int Threads { get; set; } = 1;
}
