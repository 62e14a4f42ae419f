using System.Globalization;
using System.Security.Cryptography;

namespace MlOps.Sdk.Tracking;

/// <summary>Names for runs: the time, for people who read them, and a random part, so that they differ.</summary>
internal static class RunId
{
    public static string New(DateTimeOffset now) =>
        now.UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff", CultureInfo.InvariantCulture) + "-"
            + RandomNumberGenerator.GetHexString(8, lowercase: true);
}
