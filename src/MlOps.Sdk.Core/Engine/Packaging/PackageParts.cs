using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Packaging;

/// <summary>What a <see cref="ModelPackage"/> is made of. Immutable.</summary>
internal sealed record PackageParts
{
    public required string Name { get; init; }

    public required ProblemDefinition Problem { get; init; }

    public required FeatureGraph Graph { get; init; }

    public required TrainedModel Model { get; init; }

    public required Decision Decision { get; init; }

    public required PackageBaseline Baseline { get; init; }

    public required RunFacts Facts { get; init; }

    public required GoldenRows Golden { get; init; }

    /// <summary>What the model expects of its input; <see langword="null"/> where nothing is declared.</summary>
    public InputContract? Inputs { get; init; }
}
