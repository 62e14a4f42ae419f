using MlOps.Sdk.Collection;

namespace MlOps.Sdk.Processing;

/// <summary>The settings of a <see cref="ProcessingBuilder"/>. Immutable and thread-safe.</summary>
/// <param name="Steps">Make the steps, in order.</param>
/// <param name="Splitter">Makes the splitter.</param>
/// <param name="Copy">Where the rows are written to, too; <see langword="null"/> for nowhere.</param>
internal sealed record ProcessingPlan(
    IReadOnlyList<Func<IServiceProvider, PipelineStep>> Steps, Func<IServiceProvider, ISplitter> Splitter, ITableSink? Copy = null)
{
    public PipelineSteps MakeSteps(IServiceProvider services) => new([.. Steps.Select(step => step(services))]);
}
