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
    private volatile BoundModel<TRow, TAnswer>? _last;

    /// <summary>Predicts one row; without a key, the id decides which arm answers.</summary>
    public Prediction<TAnswer> Predict(TRow row, PredictionId id, string? key)
    {
        if (slot.Stopped is { } stopped) throw new ModelStoppedException(stopped);
        while (true)
        {
            var route = slot.RequireRoute();
            var arm = key is null ? route.Choose(id) : route.Choose(key);
            var bound = BoundTo(arm.Live);

            // A version that was retired meanwhile lets nobody in: another one has taken its place.
            if (arm.Live.Enter() is not { } scorer) continue;
            try
            {
                return bound.Predict(scorer, row, id, arm.Name);
            }
            finally
            {
                arm.Live.Exit(scorer);
            }
        }
    }

    /// <summary>Predicts rows, none of which is null, with one arm.</summary>
    public void PredictAll(ReadOnlySpan<TRow> rows, Span<Prediction<TAnswer>> answers)
    {
        if (slot.Stopped is { } stopped) throw new ModelStoppedException(stopped);
        while (true)
        {
            var arm = slot.RequireRoute().Choose(PredictionId.New());
            var bound = BoundTo(arm.Live);
            if (arm.Live.Enter() is not { } scorer) continue;
            try
            {
                bound.PredictAll(scorer, rows, answers, arm.Name);
                return;
            }
            finally
            {
                arm.Live.Exit(scorer);
            }
        }
    }

    private BoundModel<TRow, TAnswer> BoundTo(LiveModel live)
    {
        var last = _last;
        if (last?.Live != live) _last = last = bind(live);
        return last;
    }
}
