using Polly;

namespace MlOps.Sdk.Collection;

/// <summary>Says where data comes from. Several sources with equal schemas are read one after the other. Usable once; not thread-safe.</summary>
public sealed class CollectionBuilder
{
    private readonly List<CollectionStep> _sources = [];
    private ResiliencePipeline? _resilience;
    private bool _built;

    /// <summary>Adds a source.</summary>
    /// <param name="source">Where data comes from.</param>
    /// <returns>This builder.</returns>
    public CollectionBuilder From(IDataSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        CheckOpen();
        _sources.Add(new CollectionStep(source.Name, _ => source));
        return this;
    }

    /// <summary>Adds a source that the service provider makes or holds, when the lifecycle runs.</summary>
    /// <typeparam name="TSource">The type of the source.</typeparam>
    /// <returns>This builder.</returns>
    public CollectionBuilder From<TSource>()
        where TSource : class, IDataSource
    {
        CheckOpen();
        _sources.Add(new CollectionStep(typeof(TSource).Name, Diagnostics.Services.Require<TSource>));
        return this;
    }

    /// <summary>
    /// Says how opening and each read of a batch is retried or bounded in time. After a failure the source is opened again and read on behind the last
    /// batch that was delivered, so no row is lost or doubled; the source must be repeatable. Default: three retries with growing, jittered
    /// pauses from one second on, after an <see cref="IOException"/> or <see cref="TimeoutException"/>, where the source is repeatable.
    /// </summary>
    /// <param name="configure">Adds strategies.</param>
    /// <returns>This builder.</returns>
    public CollectionBuilder Resilience(Action<ResiliencePipelineBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        CheckOpen();
        var pipeline = new ResiliencePipelineBuilder();
        configure(pipeline);
        _resilience = pipeline.Build();
        return this;
    }

    internal CollectionPlan Build()
    {
        CheckOpen();
        if (_sources.Count == 0) throw new MlOpsException("No data source is given.", "Say where the data comes from, for example data.FromCsv(\"data/customers.csv\").");
        _built = true;
        return new CollectionPlan([.. _sources], _resilience);
    }

    private void CheckOpen()
    {
        if (_built) throw new InvalidOperationException("The builder has been used: begin a new one.");
    }
}
