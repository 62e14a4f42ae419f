namespace MlOps.Sdk.Processing;

/// <summary>The settings of a <see cref="ProcessingBuilder"/>. Immutable and thread-safe.</summary>
/// <param name="Steps">Make the steps, in order.</param>
/// <param name="Splitter">Makes the splitter.</param>
internal sealed record ProcessingPlan(
    IReadOnlyList<Func<IServiceProvider, PipelineStep>> Steps, Func<IServiceProvider, ISplitter> Splitter)
{
    public PipelineSteps MakeSteps(IServiceProvider services) => new([.. Steps.Select(step => step(services))]);
}
