using System.Globalization;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Registry;

/// <summary>The release of another workspace that an approval is about.</summary>
/// <param name="Key">The key that signed it.</param>
/// <param name="PromotedAt">When it went live in its workspace, in UTC.</param>
internal sealed record ApprovedRelease(string Key, DateTimeOffset PromotedAt)
{
    public static string? Write(ApprovedRelease? release) => release is null
        ? null
        : StorageJson.WriteFields(("key", release.Key), ("promotedAt", ReceivedMark.Write(release.PromotedAt)));

    /// <exception cref="FormatException">The text is not a release.</exception>
    public static ApprovedRelease? Read(string? text)
    {
        if (text is null) return null;
        var fields = StorageJson.ReadFields(text);
        return new ApprovedRelease(
            fields.GetValueOrDefault("key") ?? throw new FormatException("The key is missing."),
            DateTimeOffset.ParseExact(
                fields.GetValueOrDefault("promotedAt") ?? "", "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal));
    }
}
