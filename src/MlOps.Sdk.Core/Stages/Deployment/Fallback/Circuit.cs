using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Registry;
using Polly;
using Polly.CircuitBreaker;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Scores rows with one version, and does not for a while after too many failures: a circuit breaker of Polly. What a caller gave wrong is
/// no failure of the version. Allocates nothing for calls that succeed. Thread-safe.
/// </summary>
internal sealed class Circuit
{
    private static readonly Func<ResilienceContext, Call, ValueTask<Outcome<bool>>> Run = static (_, call) => call.Run();

    private readonly CircuitBreakerStateProvider _state = new();
    private readonly ResiliencePipeline<bool> _pipeline;
    private readonly CircuitOptions _options;
    private readonly string _model;
    private readonly int _version;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private long _openedAt;
    private long _toldAt;

    public Circuit(string model, int version, CircuitOptions options, TimeProvider time, ILogger logger)
    {
        (_model, _version, _options, _time, _logger) = (model, version, options, time, logger);
        _pipeline = new ResiliencePipelineBuilder<bool> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<bool>
            {
                FailureRatio = options.FailureRatio,
                SamplingDuration = options.SamplingDuration,
                MinimumThroughput = options.MinimumThroughput,
                BreakDuration = options.BreakDuration,
                StateProvider = _state,
                ShouldHandle = static arguments => new(arguments.Outcome.Exception is { } e && !ICallerMistake.Is(e)),
                OnOpened = arguments => Open(arguments.Outcome.Exception),
                OnClosed = _ => Close(),
            })
            .Build();
    }

    /// <summary>Whether the version is not called.</summary>
    public bool IsOpen => _state.CircuitState == CircuitState.Open;

    /// <summary>Scores the rows of a scorer, see <see cref="ModelScorer.Scores"/>.</summary>
    /// <param name="scorer">The scorer, with rows that the input contract took.</param>
    /// <param name="first">The number of the first row in what the caller gave.</param>
    /// <param name="failure">
    /// Why the version gives no scores; <see langword="null"/> when it gives them, and when it is not called because the circuit is open.
    /// </param>
    /// <returns>Whether there are scores.</returns>
    /// <exception cref="Exception">The rows are not those of the model: what the caller gave wrong.</exception>
    public bool TryScore(ModelScorer scorer, long first, out Exception? failure)
    {
        // Without the exception of the pipeline, which a busy caller would feel.
        failure = null;
        if (IsOpen && _time.GetElapsedTime(Interlocked.Read(ref _openedAt)) < _options.BreakDuration) return false;
        var context = ResilienceContextPool.Shared.Get();
        try
        {
            var pending = _pipeline.ExecuteOutcomeAsync(Run, context, new Call(scorer, first));
            var outcome = pending.IsCompleted ? pending.Result : pending.AsTask().GetAwaiter().GetResult();
            if (outcome.Exception is not { } exception) return true;
            if (exception is BrokenCircuitException) return false;
            if (ICallerMistake.Is(exception)) ExceptionDispatchInfo.Throw(exception);
            failure = exception;
            Tell(exception);
            return false;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private ValueTask Open(Exception? cause)
    {
        Interlocked.Exchange(ref _openedAt, _time.GetTimestamp());
        Telemetry.Circuits.Add(1, new("mlops.model", _model), new("mlops.circuit.state", "open"));
        DeploymentLog.CircuitOpened(_logger, _model, _version, _options.BreakDuration, cause is null ? "" : Secrets.Blank(cause.Message));
        return default;
    }

    private ValueTask Close()
    {
        Telemetry.Circuits.Add(1, new("mlops.model", _model), new("mlops.circuit.state", "closed"));
        DeploymentLog.CircuitClosed(_logger, _model, _version);
        return default;
    }

    // Nobody else hears of a failure that the fallback answers; and the log must not fill with them.
    private void Tell(Exception failure)
    {
        var (before, now) = (Interlocked.Read(ref _toldAt), _time.GetTimestamp());
        if (before != 0 && _time.GetElapsedTime(before, now) < _options.SamplingDuration) return;
        if (Interlocked.CompareExchange(ref _toldAt, now, before) != before) return;
        DeploymentLog.AnsweredInstead(_logger, _model, _version, Secrets.Blank(failure));
    }

    private readonly record struct Call(ModelScorer Scorer, long First)
    {
        public ValueTask<Outcome<bool>> Run()
        {
            try
            {
                Scorer.Score(First);
                return new(Outcome.FromResult(true));
            }
            catch (Exception e)
            {
                return new(Outcome.FromException<bool>(e));
            }
        }
    }
}
