using MlOps.Sdk.Collection;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Processing;

/// <summary>
/// Says what is done to collected rows before they are kept: steps and expectations, which run in the order written, and the
/// split. Usable once; not thread-safe.
/// </summary>
public sealed class ProcessingBuilder
{
    private const double DefaultTestShare = 0.2;
    private readonly BuilderSeal _seal = new("ProcessData");
    private readonly List<Func<IServiceProvider, PipelineStep>> _steps = [];
    private Func<IServiceProvider, ISplitter>? _splitter;
    private ITableSink? _copy;

    internal ProcessingBuilder()
    {
    }

    /// <summary>
    /// Adds a step. One that implements <see cref="IRowProcessor"/> becomes part of the model package and runs again at serving time.
    /// </summary>
    /// <param name="processor">The step.</param>
    /// <returns>This builder.</returns>
    public ProcessingBuilder Apply(IDataProcessor processor)
    {
        ArgumentNullException.ThrowIfNull(processor);
        var step = PipelineStep.Of(processor);
        return Add(_ => step);
    }

    /// <summary>Adds a step that the service provider makes or holds, when the lifecycle runs.</summary>
    /// <typeparam name="TProcessor">The type of the step.</typeparam>
    /// <returns>This builder.</returns>
    public ProcessingBuilder Apply<TProcessor>()
        where TProcessor : class, IDataProcessor =>
        Add(services => PipelineStep.Of(PluginServices.Require<TProcessor>(services)));

    /// <summary>Adds an expectation of the rows at this place among the steps.</summary>
    /// <param name="expectation">What is expected.</param>
    /// <param name="onFailure">
    /// What happens when it is not met. Default: the run fails. <see cref="OnFailure.Quarantine"/> quarantines every row that fails.
    /// </param>
    /// <param name="mostly">
    /// The share of rows that must pass, above 0 and up to 1. Default: all; and with <see cref="OnFailure.Quarantine"/>, where the run
    /// fails when fewer pass, no limit.
    /// </param>
    /// <returns>This builder.</returns>
    public ProcessingBuilder Expect(IExpectation expectation, OnFailure onFailure = OnFailure.Fail, double? mostly = null)
    {
        ArgumentNullException.ThrowIfNull(expectation);
        var step = new CheckStep(new ExpectationRule(expectation, onFailure, CheckMostly(mostly)));
        return Add(_ => step);
    }

    /// <summary>Adds an expectation that the service provider makes or holds, when the lifecycle runs.</summary>
    /// <typeparam name="TExpectation">The type of the expectation.</typeparam>
    /// <param name="onFailure">What happens when it is not met. Default: the run fails.</param>
    /// <param name="mostly">
    /// The share of rows that must pass, above 0 and up to 1. Default: all; and with <see cref="OnFailure.Quarantine"/>, where the run
    /// fails when fewer pass, no limit.
    /// </param>
    /// <returns>This builder.</returns>
    public ProcessingBuilder Expect<TExpectation>(OnFailure onFailure = OnFailure.Fail, double? mostly = null)
        where TExpectation : class, IExpectation
    {
        CheckMostly(mostly);
        return Add(services => new CheckStep(
            new ExpectationRule(PluginServices.Require<TExpectation>(services), onFailure, mostly)));
    }

    /// <summary>Says how rows are divided; once at most. Default: by keyed hash of the whole row but the label, a fifth held out.</summary>
    /// <param name="splitter">The splitter.</param>
    /// <returns>This builder.</returns>
    public ProcessingBuilder Split(ISplitter splitter)
    {
        ArgumentNullException.ThrowIfNull(splitter);
        return SetSplitter(_ => splitter);
    }

    /// <summary>Says that the service provider makes or holds the splitter.</summary>
    /// <typeparam name="TSplitter">The type of the splitter.</typeparam>
    /// <returns>This builder.</returns>
    public ProcessingBuilder Split<TSplitter>()
        where TSplitter : class, ISplitter => SetSplitter(PluginServices.Require<TSplitter>);

    /// <summary>
    /// Writes the processed rows to a sink, too, such as a lake: one table with the name of the lifecycle, which has the rows of the last
    /// run that processed any. A column <c>split</c> says <c>train</c> or <c>holdout</c>. The run fails where they cannot be written. A run
    /// that reuses its processed rows writes nothing.
    /// </summary>
    /// <param name="sink">The sink.</param>
    /// <returns>This builder.</returns>
    public ProcessingBuilder CopyTo(ITableSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        _seal.Once();
        _copy = sink;
        return this;
    }

    internal ProcessingBuilder Apply(IRowSelection selection)
    {
        var step = new SelectionStep(selection);
        return Add(_ => step);
    }

    /// <summary>Adds a join. It holds the state of one run, so each run makes its own.</summary>
    internal ProcessingBuilder Apply(Func<IReferenceProcessor> create) => Add(_ => new JoinStep(create()));

    internal bool HasSplit => _splitter is not null;

    internal ProcessingPlan Build(BuildContext context)
    {
        _seal.Close(context.Mistakes);
        return new ProcessingPlan([.. _steps], _splitter ?? (_ => new HashSplitter(DefaultTestShare, [])), _copy);
    }

    private static double? CheckMostly(double? mostly) =>
        mostly is null or > 0 and <= 1
            ? mostly
            : throw new ArgumentOutOfRangeException(nameof(mostly), mostly, "The share of rows that must pass must be above 0 and at " +
                "most 1.");

    private ProcessingBuilder Add(Func<IServiceProvider, PipelineStep> step)
    {
        _seal.CheckOpen();
        _steps.Add(step);
        return this;
    }

    private ProcessingBuilder SetSplitter(Func<IServiceProvider, ISplitter> splitter)
    {
        _seal.Once("Split");
        _splitter = splitter;
        return this;
    }
}
