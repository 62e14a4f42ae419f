namespace MlOps.Sdk.Testing;

/// <summary>What a training does that can be seen from outside.</summary>
internal enum TrainingEvent
{
    LabelsRead,
    Progress,
    Logged,
}
