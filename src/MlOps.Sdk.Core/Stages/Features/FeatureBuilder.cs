using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Features;

/// <summary>Stage 6: how columns become features. Built-in transforms are extension methods in <c>MlOps.Sdk</c>. Not thread-safe.</summary>
public sealed class FeatureBuilder
{
    private readonly BuilderSeal _seal = new("EngineerFeatures");
    private readonly List<Func<IServiceProvider, IFeatureTransform>> _transforms = [];
    private readonly List<string> _observed = [];

    internal FeatureBuilder()
    {
    }

    /// <summary>Appends a transform.</summary>
    /// <param name="transform">The transform.</param>
    public FeatureBuilder Apply(IFeatureTransform transform)
    {
        _seal.CheckOpen();
        ArgumentNullException.ThrowIfNull(transform);
        _transforms.Add(_ => transform);
        return this;
    }

    /// <summary>Appends a transform from the service container.</summary>
    /// <typeparam name="TTransform">The type to resolve for each run.</typeparam>
    public FeatureBuilder Apply<TTransform>()
        where TTransform : class, IFeatureTransform
    {
        _seal.CheckOpen();
        _transforms.Add(PluginServices.Require<TTransform>);
        return this;
    }

    /// <summary>
    /// Records columns with every prediction, for monitoring by group; they are never scored, and <c>Auto()</c> leaves them out.
    /// </summary>
    /// <param name="columns">Columns of the collected rows.</param>
    public FeatureBuilder Observe(params string[] columns)
    {
        _seal.CheckOpen();
        foreach (var column in columns)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(column, nameof(columns));
            if (!_observed.Contains(column)) _observed.Add(column);
        }

        return this;
    }

    internal FeaturePlan Build(BuildContext context)
    {
        _seal.Close(context.Mistakes);
        if (_transforms.Count == 0 && context.NeedsFeatures)
        {
            context.Lacks(LifecycleStage.Features, "EngineerFeatures has no transform. Call Auto(), Numeric(…), OneHot(…) or Apply(…).");
        }
        return new FeaturePlan([.. _transforms], [.. _observed]);
    }
}
