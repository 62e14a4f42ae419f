using MlOps.Sdk.Deployment;

namespace MlOps.Sdk.AspNetCore;

/// <summary>The prediction of the rows of one request. Not thread-safe.</summary>
/// <param name="server">The server.</param>
/// <param name="slot">The model.</param>
/// <param name="rows">The rows.</param>
/// <param name="key">What decides which arm answers; <see langword="null"/> where the request does not say.</param>
/// <param name="version">The version that must answer; <see langword="null"/> for the one that is due.</param>
internal sealed class PredictionWork(ModelServer server, ModelSlot slot, RequestRows rows, string? key, int? version)
{
    private readonly PredictionId _id = PredictionId.New();
    private readonly Mistakes _mistakes = new(server.Options.ListedErrors);
    private RowBuffer? _buffer;
    private BufferedModel? _owner;

    /// <exception cref="Rejection">A row has a mistake, or no version is live.</exception>
    /// <exception cref="MlOpsException">A row cannot be predicted.</exception>
    public Answers Run()
    {
        try
        {
            while (true)
            {
                var route = server.RequireRoute(slot);
                var arm = Choose(route);
                if (_buffer is null)
                {
                    Read(BufferedModel.Of(arm.Live));

                    // The key and the ids may be in the body.
                    arm = Choose(route);
                }
                var model = BufferedModel.Of(arm.Live);
                if (!model.Takes(_buffer!)) Read(model);
                if (arm.Live.Enter() is not { } scorer) continue;
                try
                {
                    return Predict(model, scorer, arm.Name);
                }
                finally
                {
                    arm.Live.Exit(scorer);
                }
            }
        }
        finally
        {
            if (_buffer is not null) _owner!.Return(_buffer);
        }
    }

    private LiveArm Choose(LiveRoute route)
    {
        if (version is { } wanted)
        {
            if (route.Main.Live.Version == wanted) return route.Main;
            return route.Arms.FirstOrDefault(arm => arm.Live.Version == wanted) ?? throw Rejection.NoVersion();
        }
        if (route.Arms.Count == 0) return route.Main;
        if ((key ?? _buffer?.Key) is { } byKey) return route.Choose(byKey);
        return route.Choose(_buffer is { Count: 1, Ids: [var id] } ? id : _id);
    }

    private void Read(BufferedModel model)
    {
        if (_buffer is not null) _owner!.Return(_buffer);
        _owner = model;
        _buffer = model.Rent();
        _mistakes.Clear();
        rows.Read(_buffer, _mistakes);
        _mistakes.ThrowIfAny();
    }

    private Answers Predict(BufferedModel model, Packaging.ModelScorer scorer, string arm)
    {
        var buffer = _buffer!;
        var answers = new Prediction<ModelAnswer>[buffer.Count];
        if (buffer.Count == 1)
        {
            answers[0] = model.Predict(scorer, new BufferedRow(buffer, 0), buffer.Ids is [var id] ? id : _id, arm);
        }
        else if (buffer.Count > 1)
        {
            var all = new BufferedRow[buffer.Count];
            for (var i = 0; i < all.Length; i++) all[i] = new BufferedRow(buffer, i);
            model.TryPredictAll(scorer, all, answers, null, new LiveArm(arm, model.Live, 1), null, null, out _);
        }
        return new Answers(slot.Name, model.Live.Version, arm, model.Labels, answers);
    }
}
