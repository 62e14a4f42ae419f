using MlOps.Sdk.Packaging;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Monitoring;

/// <summary>A model that no stage of the lifecycle makes: the workspace receives its releases.</summary>
/// <param name="FindLive">Finds the live version; there may be none yet.</param>
/// <param name="Read">Reads its package.</param>
internal sealed record ReceivedModel(
    Func<CancellationToken, Task<ModelVersion?>> FindLive, Func<ModelVersion, CancellationToken, Task<ModelPackage>> Read);
