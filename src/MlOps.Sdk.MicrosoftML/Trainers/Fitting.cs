using System.Diagnostics.CodeAnalysis;
using Microsoft.ML;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>What a trainer of the library is fitted on.</summary>
/// <param name="ML">The context of this one fit.</param>
/// <param name="Rows">The rows that are learned from.</param>
/// <param name="Validation">Rows that are not learned from; <see langword="null"/> when there are none.</param>
/// <param name="Context">The training.</param>
/// <param name="CancellationToken">Ends the fit.</param>
internal sealed record Fitting(
    MLContext ML, TrainingView Rows, TrainingView? Validation, TrainingContext Context, CancellationToken CancellationToken)
{
    /// <summary>What is predicted.</summary>
    public TaskKind Task => Context.Task;

    /// <summary>How many threads may be used.</summary>
    public int Threads => Context.Threads;

    /// <summary>The seed, not negative, as some trainers want it.</summary>
    public int Seed => Context.Seed & int.MaxValue;

    /// <summary>The column of weights; <see langword="null"/> when all rows weigh the same.</summary>
    public string? WeightColumn => Rows.Weights.IsEmpty ? null : TrainingColumns.Weight;

    /// <inheritdoc cref="TrainingRequest.Options{TOptions}"/>
    public TOptions Options<[DynamicallyAccessedMembers(
        DynamicallyAccessedMemberTypes.PublicProperties | DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions>(
        TOptions defaults)
        where TOptions : class, new() => Context.Options(defaults);
}
