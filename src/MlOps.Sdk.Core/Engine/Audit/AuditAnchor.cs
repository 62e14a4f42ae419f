using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MlOps.Sdk.Audit;

/// <summary>
/// How far the audit log had come at a moment. Kept where those who can write to the workspace cannot, it proves later that the log still
/// begins with the same entries. It is written as JSON, or as one line of text by <see cref="ToString"/>. Immutable.
/// </summary>
/// <param name="WorkspaceId">The id of the workspace, see <c>Workspace.Id</c>.</param>
/// <param name="Sequence">The newest entry; 0 for an empty log.</param>
/// <param name="Hash">Its hash, 64 hexadecimal digits; empty for an empty log.</param>
/// <param name="At">When the anchor was made, in UTC.</param>
public sealed record AuditAnchor(string WorkspaceId, long Sequence, string Hash, DateTimeOffset At)
{
    private const string Mark = "mlops-audit-1";
    private const string None = "-";

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <param name="text">The line; white space around it does not matter.</param>
    /// <exception cref="FormatException">The text is not an anchor.</exception>
    public static AuditAnchor Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out var anchor)
            ? anchor
            : throw new FormatException(
                $"It is not an audit anchor: expected '{Mark} <workspace> <sequence> <hash> <time>', as AuditAnchor.ToString writes it.");
    }

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <param name="text">The line; white space around it does not matter.</param>
    /// <param name="anchor">The anchor.</param>
    /// <returns>Whether the text is an anchor.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out AuditAnchor? anchor)
    {
        anchor = null;
        if (text?.Trim().Split(' ') is not [Mark, var workspace, var number, var hash, var time]
            || !IsHex(workspace, 32)
            || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            || !(sequence == 0 ? hash == None : IsHex(hash, 64))
            || !DateTimeOffset.TryParseExact(
                time, "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at))
        {
            return false;
        }
        anchor = new AuditAnchor(workspace, sequence, sequence == 0 ? "" : hash, at);
        return true;
    }

    /// <summary>The anchor as a line of text, which <see cref="Parse"/> reads.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Mark} {WorkspaceId} {Sequence} {(Hash.Length == 0 ? None : Hash)} {At.UtcDateTime:O}");

    private static bool IsHex(string text, int length)
    {
        if (text.Length != length) return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigitLower(c)) return false;
        }

        return true;
    }
}
