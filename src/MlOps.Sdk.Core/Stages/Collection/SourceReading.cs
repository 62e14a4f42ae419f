using MlOps.Sdk.Diagnostics;
using Polly;

namespace MlOps.Sdk.Collection;

/// <summary>Selects the columns and rows that are read of one source. Not thread-safe.</summary>
public sealed class SourceReading
{
    private readonly BuilderSeal _seal;
    private IReadOnlyList<string>? _columns;
    private double _share = 1;
    private int _seed;
    private bool _onlyNew;
    private ResiliencePipeline? _resilience;

    internal SourceReading(string source) => _seal = new BuilderSeal($"CollectData, of '{source}',");

    /// <summary>Reads only these columns, in this order; the source does not even decode the others where it can. Default: all.</summary>
    /// <param name="names">The names; at least one, none twice.</param>
    public SourceReading Columns(params string[] names)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (names.Length == 0 || names.Distinct(StringComparer.Ordinal).Count() != names.Length)
        {
            throw new ArgumentException("Name at least one column, and each only once.", nameof(names));
        }
        _seal.Once();
        _columns = [.. names];
        return this;
    }

    /// <summary>Keeps a share of the rows, drawn by a generator with a seed; the same rows each time. Default: all.</summary>
    /// <param name="share">
    /// The share, above 0 and at most 1. Each row is kept with this probability, so the number of rows varies a little around it.
    /// </param>
    /// <param name="seed">The seed.</param>
    public SourceReading Sample(double share, int seed = 1)
    {
        if (!(share > 0 && share <= 1)) throw new ArgumentOutOfRangeException(nameof(share), share, "A share is above 0 and at most 1.");
        _seal.Once();
        _share = share;
        _seed = seed;
        return this;
    }

    /// <summary>
    /// Reads only what is new since the last run of the lifecycle that succeeded. <see cref="CollectionBuilder.KeepEarlierRows"/> puts the
    /// rows of that run in front. The source must be able to tell what is new. Without new rows, and without earlier ones, the run ends
    /// as <see cref="Tracking.RunState.NothingNew"/>, and what the run before found stands.
    /// </summary>
    public SourceReading OnlyNew()
    {
        _seal.Once();
        _onlyNew = true;
        return this;
    }

    /// <summary>
    /// Says how this source is retried or bounded in time, instead of what <see cref="CollectionBuilder.Resilience"/> says of all. The
    /// source must be repeatable. Default: as all sources.
    /// </summary>
    /// <param name="configure">Adds strategies; none for a source that is never retried.</param>
    public SourceReading Resilience(Action<ResiliencePipelineBuilder> configure)
    {
        _seal.Once();
        _resilience = CollectionBuilder.BuildPipeline(configure);
        return this;
    }

    internal SourcePlan Build(ICollection<string> mistakes)
    {
        _seal.Close(mistakes);
        return new SourcePlan(_columns, _share, _seed, _onlyNew, _resilience);
    }
}
