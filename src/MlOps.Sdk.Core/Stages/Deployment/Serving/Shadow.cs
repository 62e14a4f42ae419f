using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Data;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// A version that is given copies of calls and answers nobody. Callers put rows into a bounded queue and never wait; one thread of its own
/// takes them out. A version that never returns keeps that thread, and nothing else. Thread-safe.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "An event without a wait handle holds nothing.")]
internal sealed class Shadow
{
    private const int Capacity = 4_096;
    private const int LongestError = 500;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly string _model;
    private readonly ShadowLedger _ledger;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly PredictionRing _ring;
    private readonly ManualResetEventSlim _closed = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _began;
    private int _isFailureTold;

    public Shadow(string model, string name, LiveModel live, ShadowLedger ledger, TimeProvider time, ILogger logger)
    {
        (_model, Name, Live, _ledger, _time, _logger) = (model, name, live, ledger, time, logger);
        _ring = new PredictionRing(Capacity, live.Package.Graph.Input, outputs: 1);
    }

    /// <summary>The name of the arm.</summary>
    public string Name { get; }

    public LiveModel Live { get; }

    /// <summary>Ends when the thread does; at once when there is none.</summary>
    public Task Ended => Volatile.Read(ref _began) == 0 ? Task.CompletedTask : _ended.Task;

    /// <summary>Whether it is closed, and its thread has ended.</summary>
    public bool IsOver => _closed.IsSet && Ended.IsCompleted;

    /// <summary>Copies a row that a caller got an answer for; without room it is dropped and counted.</summary>
    public void Add(PredictionId id, LiveArm arm, ReadOnlySpan<ColumnBuilder> inputs, double score, int decision)
    {
        if (Volatile.Read(ref _began) == 0) Begin();
        if (!_ring.TryAdd(id, _time.GetTimestamp(), inputs, 0, [score], decision, _ring.TextOf(inputs, 0), tag: arm))
        {
            _ledger.Drop(Live.Version);
        }
    }

    /// <summary>Notes that the row of a call cannot be given to the version, or that it fails.</summary>
    public void Fail(PredictionId id, LiveArm arm, double score, int decision, Exception failure, TimeSpan latency = default)
    {
        if (Interlocked.Exchange(ref _isFailureTold, 1) == 0)
        {
            DeploymentLog.ShadowFailed(_logger, _model, Live.Version, Secrets.Blank(failure));
        }

        var error = Secrets.Blank(failure.Message);
        _ledger.Add(NewRow(id, arm, score, decision, null, null, latency, error.Length > LongestError ? error[..LongestError] : error));
    }

    /// <summary>Takes no more rows, and lets the version go when the thread has ended. Does not wait.</summary>
    public void Close()
    {
        _closed.Set();
        Live.Retire();
    }

    private void Begin()
    {
        if (Interlocked.Exchange(ref _began, 1) != 0) return;
        new Thread(Work) { IsBackground = true, Priority = ThreadPriority.Lowest, Name = $"MlOps.Sdk shadow of {_model}" }.Start();
    }

    private void Work()
    {
        try
        {
            if (Live.Enter() is not { } scorer) return;
            try
            {
                Action<PredictionRing.Slot> answer = slot => AnswerTo(slot, scorer);
                while (!_closed.IsSet)
                {
                    if (!_ring.TryTake(answer)) _closed.Wait(Pause);
                }
            }
            finally
            {
                Live.Exit(scorer);
            }

            if (_ring.Added - _ring.Taken is > 0 and var left) _ledger.Drop(Live.Version, left);
        }
        catch (Exception e)
        {
            // Nobody would hear of it, and the process would end.
            DeploymentLog.ShadowFailed(_logger, _model, Live.Version, Secrets.Blank(e));
        }
        finally
        {
            _ended.SetResult();
        }
    }

    private void AnswerTo(PredictionRing.Slot slot, ModelScorer scorer)
    {
        var began = _time.GetTimestamp();
        var arm = (LiveArm)slot.Tag!;
        try
        {
            scorer.Clear();
            slot.AppendTo(scorer.Inputs);
            began = _time.GetTimestamp();
            var scores = scorer.Score();
            var latency = _time.GetElapsedTime(began);
            var labels = Live.Package.Decision.Labels;
            var decision = Live.Package.Decision.Decide(scores);
            _ledger.Add(NewRow(
                slot.Id,
                arm,
                slot.Scores[0],
                slot.Decision,
                labels.Task == TaskKind.MulticlassClassification ? scores[decision] : scores[0],
                labels.Task == TaskKind.Regression ? null : labels.Classes[decision],
                latency,
                null));
        }
        catch (Exception e)
        {
            Fail(slot.Id, arm, slot.Scores[0], slot.Decision, e, _time.GetElapsedTime(began));
        }
        finally
        {
            // A place that is not used again would keep a version that is gone.
            slot.Tag = null;
        }
    }

    private ShadowRow NewRow(
        PredictionId id, LiveArm arm, double score, int decision, double? shadowScore, string? label, TimeSpan latency, string? error)
    {
        var labels = arm.Live.Package.Decision.Labels;
        return new ShadowRow
        {
            Id = id.ToString(),
            At = _time.GetUtcNow().UtcTicks,
            Arm = arm.Name,
            LiveVersion = arm.Live.Version,
            ShadowVersion = Live.Version,
            LiveScore = score,
            ShadowScore = shadowScore,
            LiveLabel = labels.Task == TaskKind.Regression ? null : labels.Classes[decision],
            ShadowLabel = label,
            Latency = latency.Ticks,
            Error = error,
        };
    }
}
