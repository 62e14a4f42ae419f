using System.Data.Common;
using System.Globalization;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Registry;

/// <summary>What a version is used for, so that it can be neither archived nor deleted.</summary>
internal static class VersionUse
{
    /// <returns>A clause without a subject: "has the alias 'staging'"; <see langword="null"/> where nothing uses the version.</returns>
    public static string? Find(DbConnection connection, string model, int version, DateTimeOffset now)
    {
        foreach (var alias in AliasTable.Current(connection, model).Where(alias => alias.Version == version))
        {
            return alias.Alias == ModelRegistry.Champion ? "is live" : $"has the alias '{alias.Alias}'";
        }

        var number = version.ToString(CultureInfo.InvariantCulture);
        foreach (var value in RegistryTable.Values(connection, model, 0))
        {
            if (value.Property == RegistryTable.Alias && value.Value == number) return $"has the alias '{value.Name}'";
        }

        if (TrafficTable.Find(connection, model) is { } traffic && TrafficRegistry.ArmsOf(traffic).Any(arm => arm.Version == version))
        {
            return "answers a share of the calls or shadows them";
        }
        if (RolloutTable.Find(connection, model) is { State: "Running" } rollout && (rollout.Version == version || rollout.Live == version))
        {
            return "is in a rollout";
        }
        if (ApprovalRecords.Open(connection, model, now).FirstOrDefault(
            request => request.Version == version && request.State != ApprovalState.Expired) is { } request)
        {
            return request.State == ApprovalState.Pending
                ? FormattableString.Invariant($"awaits approval {request.Id}")
                : FormattableString.Invariant($"goes live by approval {request.Id}");
        }
        return FallbackTable.Find(connection, model) is { } fallback && RegistryJson.ReadFallback(fallback.Fallback)?.Version == version
            ? "is the fallback"
            : null;
    }
}
