namespace MlOps.Sdk.Collection;

/// <summary>How often a value occurs, as the format numbers it.</summary>
internal enum Repetition
{
    Required = 0,
    Optional = 1,
    Repeated = 2,
}
