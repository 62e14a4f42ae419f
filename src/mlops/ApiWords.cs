using System.Text.RegularExpressions;

namespace MlOps.Sdk.Tool;

/// <summary>
/// What the library advises its callers to call, as what a user of the tool types: "Models.RollbackAsync" is "mlops rollback". Whatever has
/// no command stays.
/// </summary>
internal static partial class ApiWords
{
    private const string Header = "MlflowOptions.Authorization";

    private static readonly Dictionary<string, string> s_commands = new(StringComparer.Ordinal)
    {
        ["Approvals.ListAsync"] = "approvals list",
        ["ApproveAsync"] = "approve",
        ["RejectAsync"] = "reject",
        ["RollbackAsync"] = "rollback",
        ["PromoteAsync"] = "promote",
        ["ModelsAsync"] = "models list",
        ["ChangesAsync"] = "models changes",
        ["ArchiveAsync"] = "models archive",
        ["UnarchiveAsync"] = "models unarchive",
        ["DeleteAsync"] = "models delete",
        ["SetAliasAsync"] = "models alias set",
        ["AliasesAsync"] = "models versions",
        ["RemoveAliasAsync"] = "models alias remove",
        ["SetTagAsync"] = "models tag",
        ["DescribeAsync"] = "models describe",
        ["Audit.VerifyAsync"] = "audit verify",
        ["AnchorAsync"] = "audit anchor",
        ["BackupAsync"] = "backup",
        ["VerifyBackupAsync"] = "backup verify",
        ["RestoreAsync"] = "restore",
        ["CollectGarbageAsync"] = "gc",
        ["Runs.LogAsync"] = "runs log",
        ["LeaderboardAsync"] = "runs leaderboard",
    };

    public static string Say(string text) => Call().Replace(WithVariables(text), match =>
    {
        var (owner, name) = (match.Groups["owner"].Value, match.Groups["name"].Value);
        var isKnown = s_commands.TryGetValue($"{owner}.{name}", out var command)
            || (owner is "" or "Approvals" or "Models" && s_commands.TryGetValue(name, out command));
        if (!isKnown) return match.Value;
        var arguments = string.Concat(match.Groups["arguments"].Value.Where(letter => letter is not (',' or '"')));
        return $"mlops {command}{(arguments.Length > 0 ? " " : "")}{arguments}";
    });

    private static string WithVariables(string text) =>
        text.Replace(Header, ExportMlflowCommand.HeaderVariables, StringComparison.Ordinal);

    [GeneratedRegex(
        @"\b(?:[Ww]orkspace\.)?(?:(?<owner>[A-Z][A-Za-z]*)\.)?(?<name>[A-Z][A-Za-z]*Async)\b(?:\((?<arguments>[^()]*)\))?")]
    private static partial Regex Call();
}
