using System.Globalization;

namespace MlOps.Sdk.Reporting;

/// <summary>
/// How numbers are written where people read them, in pages and sentences: as the invariant culture does, with a
/// minus sign instead of a hyphen.
/// </summary>
internal static class Prose
{
    public static readonly CultureInfo Culture = Make();

    private static CultureInfo Make()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NegativeSign = "−";
        return CultureInfo.ReadOnly(culture);
    }
}
