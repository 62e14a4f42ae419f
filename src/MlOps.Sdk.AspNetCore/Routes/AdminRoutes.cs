using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Rollout;

namespace MlOps.Sdk.AspNetCore;

/// <summary>Changes which versions answer the calls of a model. The audit log has the user of the request. Thread-safe.</summary>
internal sealed class AdminRoutes(ModelServer server)
{
    private const int LongestReason = 1_000;

    /// <summary>Makes a blessed version the live one.</summary>
    public async Task PromoteAsync(HttpContext context, RequestTime time)
    {
        var (slot, request) = await ReadAsync(context, time, AdminRequestJson.Default.ReleaseRequest).ConfigureAwait(false);
        if (request.Version is null) throw Missing("version", "Send the number of a blessed version.");
        await MoveAsync(context, slot, request, ReleaseAction.Promote, time).ConfigureAwait(false);
    }

    /// <summary>Makes the version before the live one again, or any that is blessed.</summary>
    public async Task RollBackAsync(HttpContext context, RequestTime time)
    {
        var (slot, request) = await ReadAsync(context, time, AdminRequestJson.Default.ReleaseRequest).ConfigureAwait(false);
        await MoveAsync(context, slot, request, ReleaseAction.RollBack, time).ConfigureAwait(false);
    }

    /// <summary>Divides the calls over the live version and others, or ends that.</summary>
    public async Task DivideAsync(HttpContext context, RequestTime time)
    {
        var (slot, request) = await ReadAsync(context, time, AdminRequestJson.Default.TrafficRequest).ConfigureAwait(false);
        var reason = ReasonOf(request.Reason);
        if (request.Arms is not { } arms) throw Missing("arms", "Send the arms beside the live version; none ends the division.");
        if (await server.Workspace.Models.FindByAliasAsync(slot.Name, ModelRegistry.Champion, time.Token).ConfigureAwait(false) is null)
        {
            throw Rejection.OfMistake(new MlOpsException("No version is live, so there are no calls to divide.", "Promote a version."));
        }
        try
        {
            var split = await server.Workspace.Traffic.DivideAsync(
                slot.Name,
                [.. arms.Select(arm => new TrafficArm(arm?.Name ?? "", arm?.Version ?? 0, arm?.Share ?? 0, arm?.IsShadow ?? false))],
                reason,
                request.Generation,
                time.Token).ConfigureAwait(false);
            Log(context, slot, string.Create(CultureInfo.InvariantCulture, $"calls divided, generation {split.Generation}"));
            await ResponseBody.WriteAsync(
                context, StatusCodes.Status200OK, MediaTypes.Json, split, ReleaseFormat.Write).ConfigureAwait(false);
        }
        catch (ArgumentException e)
        {
            var problem = e.Message.Replace($" (Parameter '{e.ParamName}')", "", StringComparison.Ordinal);
            throw Rejection.OfMistake(
                new MlOpsException(problem, "Send the name, the version and the share of each arm.") { Column = "arms" });
        }
    }

    /// <summary>Lets no version answer any more.</summary>
    public Task StopAsync(HttpContext context, RequestTime time) => SwitchAsync(
        context, time, "stopped", static (traffic, model, reason, token) => traffic.StopAsync(model, reason, token));

    /// <summary>Lets a model answer again.</summary>
    public Task ResumeAsync(HttpContext context, RequestTime time) => SwitchAsync(
        context, time, "resumed", static (traffic, model, reason, token) => traffic.ResumeAsync(model, reason, token));

    /// <summary>Ends the rollout that is in progress.</summary>
    public async Task CancelRolloutAsync(HttpContext context, RequestTime time)
    {
        var (slot, request) = await ReadAsync(context, time, AdminRequestJson.Default.SwitchRequest).ConfigureAwait(false);
        var (reason, rollouts) = (ReasonOf(request.Reason), server.Workspace.Rollouts);
        if (await rollouts.FindAsync(slot.Name, time.Token).ConfigureAwait(false) is not { State: RolloutState.Running })
        {
            throw Rejection.OfMistake(new MlOpsException(
                "No rollout of the model is in progress.", "The history of the model tells how earlier ones ended."));
        }
        var ended = await rollouts.CancelAsync(slot.Name, reason, time.Token).ConfigureAwait(false);
        Log(context, slot, string.Create(CultureInfo.InvariantCulture, $"the rollout of version {ended.Version} is cancelled"));
        await ResponseBody.WriteAsync(context, StatusCodes.Status200OK, MediaTypes.Json, ended, ReleaseFormat.Write).ConfigureAwait(false);
    }

    private async Task SwitchAsync(
        HttpContext context, RequestTime time, string change, Func<ModelTraffic, string, string, CancellationToken, Task<ModelSwitch>> turn)
    {
        var (slot, request) = await ReadAsync(context, time, AdminRequestJson.Default.SwitchRequest).ConfigureAwait(false);
        var turned = await turn(server.Workspace.Traffic, slot.Name, ReasonOf(request.Reason), time.Token).ConfigureAwait(false);
        Log(context, slot, change);
        await ResponseBody.WriteAsync(context, StatusCodes.Status200OK, MediaTypes.Json, turned, ReleaseFormat.Write).ConfigureAwait(false);
    }

    private async Task MoveAsync(HttpContext context, ModelSlot slot, ReleaseRequest request, ReleaseAction action, RequestTime time)
    {
        var change = await server.Workspace.RollbackAsync(
            slot.Name, ReasonOf(request.Reason), request.Version, action, time.Token).ConfigureAwait(false);

        // Where the version before could not be served, none is followed yet.
        if (slot.Current is null) await server.Workspace.ServeAsync(slot.Name, time.Token).ConfigureAwait(false);
        Log(context, slot, string.Create(CultureInfo.InvariantCulture, $"version {change.Version} is live"));
        await ResponseBody.WriteAsync(context, StatusCodes.Status200OK, MediaTypes.Json, change, ReleaseFormat.Write).ConfigureAwait(false);
    }

    private async Task<(ModelSlot Slot, T Request)> ReadAsync<T>(HttpContext context, RequestTime time, JsonTypeInfo<T> type)
        where T : class
    {
        if (MediaTypes.Of(context) != MediaTypes.Json) throw Rejection.BadMedia($"Send {MediaTypes.Json}.");
        var slot = server.ReleaseSlotOf(context);
        using var body = await RequestBody.ReadAsync(context, server, time).ConfigureAwait(false);
        try
        {
            return JsonSerializer.Deserialize(body.Memory.Span, type) is { } request
                ? (slot, request)
                : throw Rejection.BadRequest("The body is null.");
        }
        catch (JsonException e)
        {
            throw AdminMistake.Of(body.Memory, type, e);
        }
    }

    private static string ReasonOf(string? reason) => !string.IsNullOrWhiteSpace(reason) && reason.Length <= LongestReason
        ? reason
        : throw Missing("reason", $"Send why, for the record: up to {LongestReason} characters.");

    private static Rejection Missing(string member, string remedy) =>
        Rejection.OfMistake(new MlOpsException($"'{member}' is missing, or too long.", remedy) { Column = member });

    private void Log(HttpContext context, ModelSlot slot, string change)
    {
        if (!server.Logger.IsEnabled(LogLevel.Information)) return;
        var actor = RequestActor.NameOf(context.User);
        HttpLog.Changed(server.Logger, actor, slot.Name, change);
    }
}
