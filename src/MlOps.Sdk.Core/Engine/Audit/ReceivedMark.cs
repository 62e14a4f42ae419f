using System.Globalization;

namespace MlOps.Sdk.Audit;

/// <summary>What the audit log has of a release of another workspace.</summary>
/// <param name="Version">The version.</param>
/// <param name="ContentHash">The hash of what decides predictions.</param>
/// <param name="PromotedAt">When it went live in its workspace, in UTC.</param>
internal sealed record ReceivedMark(int Version, string ContentHash, DateTimeOffset PromotedAt)
{
    public const string Action = "model.received";

    public static string Write(DateTimeOffset promotedAt) => promotedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    /// <summary>Reads what an entry has; <see langword="null"/> for an entry that has nothing of it.</summary>
    public static ReceivedMark? Read(int version, IReadOnlyDictionary<string, string> details) =>
        details.TryGetValue("contentHash", out var hash)
        && details.TryGetValue("promotedAt", out var text)
        && DateTimeOffset.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var promotedAt)
            ? new ReceivedMark(version, hash, promotedAt)
            : null;
}
