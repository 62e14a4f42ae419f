using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Tool;

/// <summary>Says which version is live now.</summary>
internal static class MovedAlias
{
    public static void Show(Terminal terminal, AliasChange change)
    {
        var before = change.Previous is { } previous ? $" instead of version {Shown.Number(previous)}" : "";
        terminal.Line($"Version {Shown.Number(change.Version)} of {change.Model} is live{before}.");
        terminal.Line("Hosts take it up when they next look for promotions.");
    }
}
