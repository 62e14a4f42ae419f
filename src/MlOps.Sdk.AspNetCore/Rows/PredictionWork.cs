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
    /// <exception cref="Rejection">A row has a mistake, or no version is live.</exception>
    /// <exception cref="MlOpsException">A row cannot be predicted.</exception>
    public Answers Run()
    {
        if (version is { } wanted && server.RouteOf(slot).Find(wanted) is null) throw Rejection.NoVersion();
        var (calls, id) = (server.CallsOf(slot), PredictionId.New());
        using var read = new CallRows(rows, server.Options.ListedErrors);

        // The key and the ids may be in the body, and decide which arm reads its rows.
        var said = key is null && version is null && slot.Route is { Arms.Count: > 0 } route
            ? rows.RoutingOf(route.Main.Live.Package.Graph.Input)
            : default;
        var due = calls.Next(said.Id ?? id, key ?? said.Key, version);
        rows.RequireAnswers(due.Live);
        var buffer = read.Of(BufferedModel.Of(due.Live));
        var room = new AnswerRoom(server.Bodies);
        try
        {
            // Nothing is predicted, and recorded, that cannot be answered.
            Answers.Reserve(room, BufferedModel.Of(due.Live).Labels, buffer.Count);
            return Run(calls, read, buffer, due, id, room);
        }
        catch
        {
            room.Dispose();
            throw;
        }
    }

    private Answers Run(
        ModelCalls<BufferedRow, RowAnswer> calls, CallRows read, RowBuffer buffer, LiveArm due, PredictionId id, AnswerRoom room)
    {
        var (byKey, answers) = (key ?? buffer.Key, new Prediction<RowAnswer>[buffer.Count]);
        switch (answers.Length)
        {
            case 0: return new Answers(slot.Name, due.Live.Version, due.Name, BufferedModel.Of(due.Live).Labels, answers, room);
            case 1:
                answers[0] = calls.Predict(new BufferedRow(read, 0), buffer.Ids is [var own] ? own : id, byKey, version);
                break;
            default:
                var all = new BufferedRow[answers.Length];
                for (var i = 0; i < all.Length; i++) all[i] = new BufferedRow(read, i);
                calls.PredictAll(all, answers, id, byKey, version);
                break;
        }

        return new Answers(slot.Name, answers[0].Version, answers[0].Arm, answers[0].Value.Labels, answers, room);
    }
}
