namespace MlOps.Sdk.Tests.Training;

/// <summary>Counts trainings.</summary>
internal sealed class TrainingWatch
{
    /// <summary>Called before each training, with their number.</summary>
    public Action<int> BeforeTraining { get; set; } = _ => { };

    public int Trainings { get; set; }
}
