using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Tracking;

/// <summary>What the log of a run takes.</summary>
/// <param name="Level">The lowest level; <see cref="LogLevel.None"/> for no log.</param>
/// <param name="Entries">How many messages are kept.</param>
/// <param name="Bytes">How many bytes they have together.</param>
internal readonly record struct RunLogLimits(LogLevel Level, int Entries, int Bytes)
{
    public const LogLevel DefaultLevel = LogLevel.Information;
    public const int DefaultEntries = 2_000;
    public const int LeastEntries = 16;
    public const int MostEntries = 100_000;
    public const int DefaultBytes = 1 << 20;
    public const int LeastBytes = 1 << 18;
    public const int MostBytes = 1 << 28;
}
