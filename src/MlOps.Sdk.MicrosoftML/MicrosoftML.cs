namespace MlOps.Sdk;

/// <summary>Microsoft.ML inside the lifecycle: the trainers, transforms and pipelines of the package.</summary>
public static partial class MicrosoftML
{
}
