using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using Polly;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Says where data comes from. Several sources with equal schemas are read one after the other. Used once; not thread-safe.
/// </summary>
public sealed class CollectionBuilder
{
    private readonly BuilderSeal _seal = new("CollectData");
    private readonly List<CollectionStep> _sources = [];
    private ResiliencePipeline? _resilience;
    private readonly Dictionary<string, PersonalTreatment> _personal = new(StringComparer.Ordinal);
    private MalformedRows _malformed;
    private double _tolerance;
    private bool _keepsEarlierRows;

    internal CollectionBuilder()
    {
    }

    /// <summary>Adds a source.</summary>
    /// <param name="source">Where data comes from.</param>
    /// <param name="read">Selects columns and rows. Default: everything.</param>
    /// <returns>This builder.</returns>
    public CollectionBuilder From(IDataSource source, Action<SourceReading>? read = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Add(source.Name, _ => source, read);
    }

    /// <summary>Adds a source that the service provider makes or holds, when the lifecycle runs.</summary>
    /// <typeparam name="TSource">The type of the source.</typeparam>
    /// <param name="read">Selects columns and rows. Default: everything.</param>
    /// <returns>This builder.</returns>
    public CollectionBuilder From<TSource>(Action<SourceReading>? read = null)
        where TSource : class, IDataSource =>
        Add(typeof(TSource).Name, PluginServices.Require<TSource>, read);

    /// <summary>
    /// Says what happens to rows that a source cannot read as its schema says. Default: <see cref="MalformedRows.Fail"/>.
    /// </summary>
    /// <param name="rows">What happens to them.</param>
    /// <param name="tolerance">
    /// The share of all rows that may be malformed, from 0 to 1: with more, the run fails and says how many there are. Default: 0.01.
    /// </param>
    /// <returns>This builder.</returns>
    public CollectionBuilder Malformed(MalformedRows rows, double tolerance = 0.01)
    {
        if (!Enum.IsDefined(rows)) throw new ArgumentOutOfRangeException(nameof(rows), rows, "This treatment does not exist.");
        if (!(tolerance >= 0 && tolerance <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(tolerance), tolerance, "A share is between 0 and 1.");
        }
        _seal.Once();
        _malformed = rows;
        _tolerance = tolerance;
        return this;
    }

    /// <summary>
    /// Marks a column as personal: what is said of it is done before anything is kept. As soon as one column is marked, neither the text of
    /// a malformed row is kept nor a message that may quote values of the sources. The steps of stage 3 and what a model is served with see
    /// the column as treated: a caller who sends a hashed column hashes it with <see cref="PersonalData.Hash"/>.
    /// </summary>
    /// <param name="column">The column, as the sources name it.</param>
    /// <param name="treatment">
    /// What is done: <see cref="PersonalTreatment.Hash"/>, <see cref="PersonalTreatment.Tokenize"/> or
    /// <see cref="PersonalTreatment.Drop"/>.
    /// </param>
    /// <returns>This builder.</returns>
    public CollectionBuilder Personal(string column, PersonalTreatment treatment)
    {
        ArgumentException.ThrowIfNullOrEmpty(column);
        ArgumentNullException.ThrowIfNull(treatment);
        _seal.CheckOpen();
        if (!_personal.TryAdd(column, treatment))
        {
            _seal.Add($"CollectData marks the column '{column}' as personal twice.", $"Keep one Personal(\"{column}\", …).");
        }
        return this;
    }

    /// <summary>
    /// Puts the rows of the last run that succeeded in front of those that are new since; see <see cref="SourceReading.OnlyNew"/>.
    /// </summary>
    /// <returns>This builder.</returns>
    public CollectionBuilder KeepEarlierRows()
    {
        _seal.Once();
        _keepsEarlierRows = true;
        return this;
    }

    /// <summary>
    /// Says how opening and each read of a batch is retried or bounded in time. After a failure the source is opened again and read on
    /// behind the last batch that was delivered, so no row is lost or doubled; the source must be repeatable. Default: three retries with
    /// growing, jittered pauses from one second on, after an <see cref="IOException"/> or <see cref="TimeoutException"/>, where the source
    /// is repeatable. <see cref="SourceReading.Resilience"/> says it of one source.
    /// </summary>
    /// <param name="configure">Adds strategies.</param>
    /// <returns>This builder.</returns>
    public CollectionBuilder Resilience(Action<ResiliencePipelineBuilder> configure)
    {
        _seal.Once();
        _resilience = BuildPipeline(configure);
        return this;
    }

    internal static ResiliencePipeline BuildPipeline(Action<ResiliencePipelineBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var pipeline = new ResiliencePipelineBuilder();
        configure(pipeline);
        return pipeline.Build();
    }

    internal CollectionPlan Build(BuildContext context)
    {
        _seal.Close(context.Mistakes);
        if (_sources.Count == 0)
        {
            context.Lacks(LifecycleStage.Collection, "CollectData names no source. Add one, for example FromCsv(\"data/customers.csv\").");
        }
        if (_keepsEarlierRows && !_sources.All(source => source.Reading.OnlyNew))
        {
            context.Mistakes.Add(
                "KeepEarlierRows needs sources that read only new rows: otherwise, rows would appear twice. " +
                    "Add read => read.OnlyNew() to each source, or remove KeepEarlierRows().");
        }
        return new CollectionPlan
        {
            Sources = [.. _sources], Resilience = _resilience, Malformed = _malformed, Tolerance = _tolerance,
            KeepsEarlierRows = _keepsEarlierRows, Personal = _personal
        };
    }

    private CollectionBuilder Add(string name, Func<IServiceProvider, IDataSource> create, Action<SourceReading>? read)
    {
        _seal.CheckOpen();
        var reading = new SourceReading(name);
        read?.Invoke(reading);
        _sources.Add(new CollectionStep(name, create, reading.Build(_seal.Mistakes)));
        return this;
    }
}
