using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Rollout;

namespace MlOps.Sdk.AspNetCore;

/// <summary>Tells those who may change releases what there is to change, and what was changed. Thread-safe.</summary>
internal sealed class ReleaseRoutes(ModelServer server)
{
    /// <summary>How many entries of a list a caller gets who does not say.</summary>
    public const int UsualLimit = 20;

    /// <summary>The most entries of a list.</summary>
    public const int LargestLimit = 200;

    /// <summary>The newest versions of a model.</summary>
    public async Task VersionsAsync(HttpContext context, RequestTime time)
    {
        var (slot, limit, models) = (server.ReleaseSlotOf(context), LimitOf(context), server.Workspace.Models);
        var all = await models.ListAsync(slot.Name, time.Token).ConfigureAwait(false);
        var aliases = await models.AliasesAsync(slot.Name, time.Token).ConfigureAwait(false);
        var versions = new List<(ModelVersion Version, bool IsBlessed, IEnumerable<string> Aliases)>();
        foreach (var version in all.Take(limit))
        {
            var blessings = await models.BlessingsAsync(slot.Name, version.Version, time.Token).ConfigureAwait(false);
            versions.Add((
                version,
                blessings is [{ IsBlessed: true }, ..],
                aliases.Where(alias => alias.Version == version.Version).Select(alias => alias.Alias)));
        }

        await WriteAsync(context, json =>
        {
            json.WriteNumber("count"u8, all.Count);
            WriteAll(json, "versions", versions, Write);
        }).ConfigureAwait(false);
    }

    /// <summary>How the calls of a model are divided now, and whether it may answer.</summary>
    public async Task TrafficAsync(HttpContext context, RequestTime time)
    {
        var (slot, workspace) = (server.ReleaseSlotOf(context), server.Workspace);
        var split = await workspace.Traffic.FindAsync(slot.Name, time.Token).ConfigureAwait(false);
        var turned = await workspace.Traffic.FindSwitchAsync(slot.Name, time.Token).ConfigureAwait(false);
        var fallback = await workspace.Traffic.FindFallbackAsync(slot.Name, time.Token).ConfigureAwait(false);
        var rollout = await workspace.Rollouts.FindAsync(slot.Name, time.Token).ConfigureAwait(false);
        await WriteAsync(context, json =>
        {
            WriteOne(json, "split", split, ReleaseFormat.Write);
            WriteOne(json, "stop", turned is { IsStopped: true } ? turned : null, ReleaseFormat.Write);
            WriteOne(json, "fallback", fallback?.Fallback is null ? null : fallback, ReleaseFormat.Write);
            WriteOne(json, "rollout", rollout is { State: RolloutState.Running } ? rollout : null, ReleaseFormat.Write);
        }).ConfigureAwait(false);
    }

    /// <summary>What was changed, the newest first.</summary>
    public async Task HistoryAsync(HttpContext context, RequestTime time)
    {
        var (slot, limit, workspace) = (server.ReleaseSlotOf(context), LimitOf(context), server.Workspace);
        var releases = await workspace.Models.AliasHistoryAsync(slot.Name, ModelRegistry.Champion, time.Token).ConfigureAwait(false);
        var splits = await workspace.Traffic.HistoryAsync(slot.Name, time.Token).ConfigureAwait(false);
        var switches = await workspace.Traffic.SwitchHistoryAsync(slot.Name, time.Token).ConfigureAwait(false);
        var rollouts = await workspace.Rollouts.HistoryAsync(slot.Name, limit, time.Token).ConfigureAwait(false);
        await WriteAsync(context, json =>
        {
            WriteAll(json, "releases", releases.Take(limit), ReleaseFormat.Write);
            WriteAll(json, "splits", splits.Take(limit), ReleaseFormat.Write);
            WriteAll(json, "switches", switches.Take(limit), ReleaseFormat.Write);
            WriteAll(json, "rollouts", rollouts, ReleaseFormat.Write);
        }).ConfigureAwait(false);
    }

    private static int LimitOf(HttpContext context)
    {
        var values = context.Request.Query["limit"];
        if (values.Count == 0) return UsualLimit;
        return values is [{ } text]
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is > 0 and <= LargestLimit
                ? limit
                : throw Rejection.BadRequest(FormattableString.Invariant(
                    $"The query parameter limit is not a number from 1 to {LargestLimit}."));
    }

    private static void Write(Utf8JsonWriter json, (ModelVersion Version, bool IsBlessed, IEnumerable<string> Aliases) one)
    {
        json.WriteStartObject();
        json.WriteNumber("version"u8, one.Version.Version);
        json.WriteBoolean("isBlessed"u8, one.IsBlessed);
        json.WriteStartArray("aliases"u8);
        foreach (var alias in one.Aliases) json.WriteStringValue(alias);
        json.WriteEndArray();
        json.WriteString("createdAt"u8, one.Version.CreatedAt);
        json.WriteString("contentHash"u8, one.Version.ContentHash);
        if (one.Version.RunId is { } run) json.WriteString("runId"u8, run);
        json.WriteEndObject();
    }

    private static void WriteOne<T>(Utf8JsonWriter json, string name, T? value, Action<Utf8JsonWriter, T> write)
        where T : class
    {
        if (value is null) return;
        json.WritePropertyName(name);
        write(json, value);
    }

    private static void WriteAll<T>(Utf8JsonWriter json, string name, IEnumerable<T> values, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (var value in values) write(json, value);
        json.WriteEndArray();
    }

    private static Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write) => ResponseBody.WriteAsync(
        context,
        StatusCodes.Status200OK,
        MediaTypes.Json,
        write,
        static (to, it) =>
        {
            using var json = new Utf8JsonWriter(to);
            json.WriteStartObject();
            it(json);
            json.WriteEndObject();
        });
}
