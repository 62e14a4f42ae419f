namespace MlOps.Sdk.Processing;

/// <summary>What a <see cref="ProcessingBuilder"/> was told. Immutable and thread-safe.</summary>
/// <param name="Steps">Make the steps, in order: each an <see cref="IDataProcessor"/> or an <see cref="ExpectationStep"/>.</param>
/// <param name="Splitter">Makes the splitter.</param>
internal sealed record ProcessingPlan(IReadOnlyList<Func<IServiceProvider?, object>> Steps, Func<IServiceProvider?, ISplitter> Splitter);
