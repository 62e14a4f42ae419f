namespace MlOps.Sdk.Collection;

/// <summary>One source, made when it is needed.</summary>
/// <param name="Name">The source's name, or that of its type as long as there is no instance.</param>
/// <param name="Create">Makes it, given the service provider of the run where there is one.</param>
/// <param name="Reading">The columns and rows that are read of it.</param>
internal sealed record CollectionStep(string Name, Func<IServiceProvider, IDataSource> Create, SourcePlan Reading);
