using MlOps.Sdk.Packaging;

namespace MlOps.Sdk.Monitoring;

/// <summary>What a model that is served elsewhere is compared with.</summary>
internal sealed record ElsewhereBaseline(
    ModelElsewhere Model, PackageBaseline Baseline, Decision Decision, IReadOnlyList<string> Attributes);
