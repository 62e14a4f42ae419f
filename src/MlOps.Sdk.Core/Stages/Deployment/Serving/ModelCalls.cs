using System.Globalization;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// The one path of calls to a model, whatever a row and an answer are: the route chooses an arm, and a scorer of its version is taken for
/// the length of the call. Thread-safe; allocates nothing after warm-up.
/// </summary>
/// <typeparam name="TRow">The row.</typeparam>
/// <typeparam name="TAnswer">The answer.</typeparam>
/// <param name="slot">Where the model is live.</param>
/// <param name="bind">Gives what is compiled for a version; the same for the same version.</param>
internal sealed class ModelCalls<TRow, TAnswer>(ModelSlot slot, Func<LiveModel, BoundModel<TRow, TAnswer>> bind)
{
    private readonly ShadowCopies<TRow, TAnswer> _shadows = new(bind);
    private volatile BoundModel<TRow, TAnswer>? _last;
    private volatile BoundModel<TRow, TAnswer>? _other;

    /// <summary>The arm that answers a call now, or whose place the fallback takes.</summary>
    /// <exception cref="ModelNotLiveException">No version is live, or not the one that must answer.</exception>
    /// <exception cref="ModelStoppedException">The model is stopped, and nothing stands in for it.</exception>
    public LiveArm Next(PredictionId id, string? key, int? version) => Choose(id, key, version, out _, out _, out _);

    /// <summary>Predicts one row; without a key, the id decides which arm answers.</summary>
    /// <param name="row">The row.</param>
    /// <param name="id">The prediction's id.</param>
    /// <param name="key">What decides which arm answers; <see langword="null"/> for the id.</param>
    /// <param name="version">The version that must answer, or its fallback; <see langword="null"/> for the one that is due.</param>
    /// <param name="isRepeated">Whether the row was one of many that were tried together.</param>
    public Prediction<TAnswer> Predict(TRow row, PredictionId id, string? key, int? version = null, bool isRepeated = false)
    {
        while (true)
        {
            var arm = Choose(id, key, version, out var route, out var standIn, out var stopped);
            var (bound, generation) = (BoundTo(arm.Live), version is null ? route.Generation : RouteGeneration.None);

            // A version that was retired meanwhile lets nobody in: another one has taken its place.
            if (arm.Live.Enter() is not { } scorer) continue;
            try
            {
                Prediction<TAnswer> answer;
                Exception? failure = null;
                bool isAnswered;
                if (standIn is null || !standIn.StandsInFor(arm.Live))
                {
                    answer = bound.Predict(scorer, row, id, arm.Name, generation, isRepeated);
                    isAnswered = true;
                }
                else if (stopped is null)
                {
                    isAnswered = bound.TryPredict(
                        scorer, row, id, arm.Name, generation, arm.Live.CircuitOf(standIn), isRepeated, out answer, out failure);
                }
                else
                {
                    // A version that stands in has an input contract of its own, as it has for many rows.
                    if (standIn.Live is null) bound.Take(scorer, row, generation, isRepeated);
                    (isAnswered, answer) = (false, default);
                }

                if (isAnswered)
                {
                    if (route.Shadows.Count > 0) _shadows.Copy(route, arm, scorer.Scores, row, id);
                    return answer;
                }

                if (TryInstead(standIn!, bound, scorer, row, id, new Cause(stopped, failure, arm.Live), out answer)) return answer;
            }
            finally
            {
                arm.Live.Exit(scorer);
            }
        }
    }

    /// <summary>Predicts rows, none of which is null, with one arm.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="answers">Where their answers go.</param>
    /// <param name="id">Decides which arm answers, without a key. No row has it.</param>
    /// <param name="key">What decides which arm answers; <see langword="null"/> for the id.</param>
    /// <param name="version">The version that must answer, or its fallback; <see langword="null"/> for the one that is due.</param>
    /// <param name="isTried">Whether the rows are predicted one by one where this fails, so that a failure does not count.</param>
    public void PredictAll(
        ReadOnlySpan<TRow> rows,
        Span<Prediction<TAnswer>> answers,
        PredictionId id,
        string? key = null,
        int? version = null,
        bool isTried = false)
    {
        while (true)
        {
            var arm = Choose(id, key, version, out var route, out var standIn, out var stopped);
            var copies = route.Shadows.Count > 0 ? _shadows : null;
            var (bound, generation) = (BoundTo(arm.Live), version is null ? route.Generation : RouteGeneration.None);
            if (arm.Live.Enter() is not { } scorer) continue;
            try
            {
                var circuit = standIn is null || !standIn.StandsInFor(arm.Live) ? null : arm.Live.CircuitOf(standIn);
                Exception? failure = null;
                if (stopped is null && bound.TryPredictAll(
                    scorer, rows, answers, route, arm, generation, copies, circuit, isTried, out failure))
                {
                    return;
                }
                if (!TryInsteadAll(standIn!, bound, scorer, rows, answers, new Cause(stopped, failure, arm.Live), isTried)) continue;
                if (isTried && stopped is null) bound.CountFailure(failure, rows.Length, generation);
                return;
            }
            finally
            {
                arm.Live.Exit(scorer);
            }
        }
    }

    private LiveArm Choose(
        PredictionId id, string? key, int? version, out LiveRoute route, out StandIn? standIn, out ModelSwitch? stopped)
    {
        (standIn, stopped) = (slot.StandIn, slot.Stopped);
        route = stopped is null ? slot.RequireRoute() : RequireStandIn(standIn, stopped);
        if (version is not { } wanted)
        {
            return stopped is not null ? route.Main : key is null ? route.Choose(id) : route.Choose(key);
        }

        var arm = route.Find(wanted) ?? throw new ModelNotLiveException(
            string.Create(CultureInfo.InvariantCulture, $"Version {wanted} of '{slot.Name}' is not live in this process."),
            "Promote it, give it an arm, or call the version that is due.");

        // A stopped model answers with none of its versions, also where one of its arms is the fallback.
        return stopped is null || standIn!.StandsInFor(arm.Live) ? arm : throw new ModelStoppedException(stopped);
    }

    // A constant and a rule need the columns of the model, so that a version must be there.
    private LiveRoute RequireStandIn(StandIn? standIn, ModelSwitch stopped) =>
        slot.Route is { } route && standIn is not null && standIn.StandsInFor(route.Main.Live)
            ? route
            : throw new ModelStoppedException(stopped);

    /// <returns>Whether it answered; else another stand-in has taken its place.</returns>
    private bool TryInstead(
        StandIn standIn,
        BoundModel<TRow, TAnswer> bound,
        ModelScorer scorer,
        TRow row,
        PredictionId id,
        in Cause cause,
        out Prediction<TAnswer> answer)
    {
        answer = default;
        try
        {
            if (standIn.Live is not { } live)
            {
                answer = bound.Instead(scorer, 0, id, standIn);
            }
            else
            {
                var other = bind(live);
                if (live.Enter() is not { } spare) return false;
                try
                {
                    answer = other.Predict(spare, row, id, StandIn.Arm, RouteGeneration.None);
                }
                finally
                {
                    live.Exit(spare);
                }
            }
        }
        catch (Exception e) when (cause.Failure is null && ICallerMistake.Is(e))
        {
            // No failure of the stand-in, whose columns and input contract are those that count now.
            throw;
        }
        catch (Exception e)
        {
            throw cause.With(slot.Name, e);
        }

        Count(cause);
        return true;
    }

    private bool TryInsteadAll(
        StandIn standIn,
        BoundModel<TRow, TAnswer> bound,
        ModelScorer scorer,
        ReadOnlySpan<TRow> rows,
        Span<Prediction<TAnswer>> answers,
        in Cause cause,
        bool isTried)
    {
        try
        {
            if (standIn.Live is not { } live)
            {
                bound.InsteadAll(scorer, rows, answers, standIn);
            }
            else
            {
                var other = bind(live);
                if (live.Enter() is not { } spare) return false;
                try
                {
                    var arm = new LiveArm(StandIn.Arm, live, 1);
                    other.TryPredictAll(spare, rows, answers, null, arm, RouteGeneration.None, null, null, isTried, out _);
                }
                finally
                {
                    live.Exit(spare);
                }
            }
        }
        catch (Exception e) when ((standIn.Live is null || cause.Failure is null) && ICallerMistake.Is(e))
        {
            // No failure of the stand-in, whose columns and input contract are those that count now.
            throw;
        }
        catch (Exception e)
        {
            throw cause.With(slot.Name, e);
        }

        Count(cause);
        return true;
    }

    private void Count(in Cause cause) =>
        Telemetry.Fallbacks.Add(1, new("mlops.model", slot.Name), new("mlops.fallback.cause", cause.Name));

    private BoundModel<TRow, TAnswer> BoundTo(LiveModel live)
    {
        var last = _last;
        if (last?.Live == live) return last;

        // Where calls are divided, two versions take turns.
        var other = _other;
        if (other?.Live == live) return other;
        (_last, _other) = (other = bind(live), last);
        return other;
    }

    /// <summary>Why a version does not answer: it is stopped, it failed, or its circuit is open.</summary>
    private readonly record struct Cause(ModelSwitch? Stopped, Exception? Failure, LiveModel Live)
    {
        public string Name => Stopped is not null ? "stopped" : Failure is not null ? "failure" : "circuit";

        /// <summary>The error of a stand-in that fails, too: what came first, and what came of it.</summary>
        public MlOpsException With(string model, Exception e)
        {
            var known = e as MlOpsException;
            var second = $"Its fallback failed, too: {known?.Problem ?? Secrets.Blank(e.Message)}";
            if (Stopped is not null) return new ModelStoppedException(Stopped, second, e);
            var first = Failure is null
                ? string.Create(
                    CultureInfo.InvariantCulture, $"Version {Live.Version} of '{model}' failed too often, and is not called now.")
                : (Failure as MlOpsException)?.Problem ?? Secrets.Blank(Failure.Message);
            return new MlOpsException(
                $"{first} {second}",
                (Failure as MlOpsException)?.Remedy ?? known?.Remedy ?? "Correct the fallback, or roll back to a version that answers.",
                Failure is null ? e : new AggregateException(Failure, e));
        }
    }
}
