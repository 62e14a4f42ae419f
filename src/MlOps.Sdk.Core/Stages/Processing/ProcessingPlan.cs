namespace MlOps.Sdk.Processing;

/// <summary>What a <see cref="ProcessingBuilder"/> was told. Immutable and thread-safe.</summary>
/// <param name="Steps">Make the steps, in order.</param>
/// <param name="Splitter">Makes the splitter.</param>
internal sealed record ProcessingPlan(
    IReadOnlyList<Func<IServiceProvider, PipelineStep>> Steps, Func<IServiceProvider, ISplitter> Splitter)
{
    public PipelineSteps MakeSteps(IServiceProvider services) => new([.. Steps.Select(step => step(services))]);
}
