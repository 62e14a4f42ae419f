using System.Globalization;
using System.Text.RegularExpressions;

namespace MlOps.Sdk.Collection;

/// <summary>
/// The name of a file of a table that was written to a lake: which table, and which of the attempts to write it. It is read only where a
/// manifest says that the attempt is complete, and no later one is.
/// </summary>
/// <param name="Table">The table: a hash of its name, 32 hexadecimal digits.</param>
/// <param name="Attempt">The attempt, 32 hexadecimal digits; the later one is the greater text.</param>
internal sealed partial record LakeFile(string Table, string Attempt)
{
    /// <summary>Where the manifests are, below the folder of the tables. Other readers leave out what begins so.</summary>
    public const string ManifestFolder = "_mlops/";

    private const int TickDigits = 16;

    // Clocks of machines differ, but not by this much.
    private static readonly TimeSpan MostAhead = TimeSpan.FromDays(1);

    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.Singleline;

    /// <summary>When the attempt began, in ticks of the clock of its machine, as far as they are a time.</summary>
    public long Ticks => long.TryParse(
        Attempt.AsSpan(0, TickDigits), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var ticks) && ticks >= 0
            ? ticks
            : long.MaxValue;

    /// <summary>Whether an attempt is of a time that cannot be: it would hide every later one.</summary>
    public bool IsAhead(DateTimeOffset now) => Ticks > (now + MostAhead).UtcTicks;

    /// <summary>The name of a file of the table.</summary>
    public string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"lake-{Table}-{Attempt}-{number:D5}.parquet");

    /// <summary>The key of the manifest below the folder of the tables: it says how many files there are.</summary>
    public string ManifestOf(int count) => string.Create(CultureInfo.InvariantCulture, $"{ManifestFolder}{Table}.{Attempt}.{count}.json");

    /// <summary>Which file of a lake a key is; <see langword="null"/> for another file.</summary>
    public static LakeFile? Of(string key) =>
        DataName().Match(key[(key.LastIndexOf('/') + 1)..]) is { Success: true } match
            ? new LakeFile(match.Groups[1].Value, match.Groups[2].Value)
            : null;

    /// <summary>
    /// Which manifest a key is, the folder of its tables, and how many files the table has; <see langword="null"/> for another file.
    /// </summary>
    public static (string Folder, LakeFile File, int Count)? ManifestFrom(string key) =>
        ManifestName().Match(key) is { Success: true } match
        && int.TryParse(match.Groups[4].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? (match.Groups[1].Value, new LakeFile(match.Groups[2].Value, match.Groups[3].Value), count)
            : null;

    /// <summary>Whether the last of some folders is one of a partition, such as <c>sales/year=2026/</c>.</summary>
    public static bool IsPartition(ReadOnlySpan<char> folders)
    {
        folders = folders.TrimEnd('/');
        return folders[(folders.LastIndexOf('/') + 1)..].IndexOf('=') > 0;
    }

    [GeneratedRegex(@"\Alake-([0-9a-f]{32})-([0-9a-f]{32})-[0-9]{5}\.parquet\z", Options)]
    private static partial Regex DataName();

    [GeneratedRegex(@"\A((?:.*/)?)_mlops/([0-9a-f]{32})\.([0-9a-f]{32})\.([0-9]{1,9})\.json\z", Options)]
    private static partial Regex ManifestName();
}
