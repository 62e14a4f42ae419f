namespace MlOps.Sdk.Training;

/// <summary>The hyperparameters of gradient boosting, read from a training context.</summary>
internal sealed record BoostingSettings(
    int Trees,
    double LearningRate,
    int Leaves,
    int MinLeafRows,
    double L2,
    int MaxBins,
    double RowFraction,
    double FeatureFraction,
    double MinGain,
    int MaxDepth)
{
    private static readonly Hyperparameter TreesParameter = new("trees", 100, 1, 10_000, IsInteger: true);
    private static readonly Hyperparameter LearningRateParameter = new("learningRate", 0.1, 1e-4, 1);
    private static readonly Hyperparameter LeavesParameter = new("leaves", 31, 2, 4096, IsInteger: true);
    private static readonly Hyperparameter MinLeafRowsParameter = new("minLeafRows", 20, 1, 1_000_000, IsInteger: true);
    private static readonly Hyperparameter L2Parameter = new("l2", 1, 0, 1e6);
    private static readonly Hyperparameter MaxBinsParameter = new("maxBins", 255, 2, 255, IsInteger: true);
    private static readonly Hyperparameter RowFractionParameter = new("rowFraction", 1, 0.01, 1);
    private static readonly Hyperparameter FeatureFractionParameter = new("featureFraction", 1, 0.01, 1);
    private static readonly Hyperparameter MinGainParameter = new("minGain", 0, 0, 1e9);
    private static readonly Hyperparameter MaxDepthParameter = new("maxDepth", 0, 0, 64, IsInteger: true);

    public static IReadOnlyList<Hyperparameter> All { get; } =
    [
        TreesParameter, LearningRateParameter, LeavesParameter, MinLeafRowsParameter, L2Parameter,
        MaxBinsParameter, RowFractionParameter, FeatureFractionParameter, MinGainParameter, MaxDepthParameter,
    ];

    public static BoostingSettings Read(TrainingContext context) => new(
        (int)TrainingInput.Setting(context, TreesParameter),
        TrainingInput.Setting(context, LearningRateParameter),
        (int)TrainingInput.Setting(context, LeavesParameter),
        (int)TrainingInput.Setting(context, MinLeafRowsParameter),
        TrainingInput.Setting(context, L2Parameter),
        (int)TrainingInput.Setting(context, MaxBinsParameter),
        TrainingInput.Setting(context, RowFractionParameter),
        TrainingInput.Setting(context, FeatureFractionParameter),
        TrainingInput.Setting(context, MinGainParameter),
        (int)TrainingInput.Setting(context, MaxDepthParameter));
}
