namespace MlOps.Sdk.Tests.Rollout;

/// <summary>What a model begins to do wrong once it is served.</summary>
public enum PlantedFault
{
    None,
    Slow,
    Throws,
    NotANumber,
    Refuses,
    Drifts,
    Biased,
    Worse,
}
