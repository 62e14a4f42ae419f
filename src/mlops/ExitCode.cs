namespace MlOps.Sdk.Tool;

/// <summary>What the process ends with, so that scripts can tell what happened. The numbers are documented and never change.</summary>
internal static class ExitCode
{
    /// <summary>Done, and nothing was found that the command looks for.</summary>
    public const int Done = 0;

    /// <summary>
    /// Done, and something was found: a table drifted, the audit log is not intact, a backup lacks what was lost before, an import met
    /// other content.
    /// </summary>
    public const int Found = 1;

    /// <summary>The command line is wrong; nothing was done.</summary>
    public const int Usage = 2;

    /// <summary>It could not be done.</summary>
    public const int Failed = 3;

    /// <summary>People must approve it first; nothing was changed, except that a promotion or rollback requests the approval.</summary>
    public const int MustBeApproved = 4;

    /// <summary>Cancelled by Ctrl+C, as shells number it.</summary>
    public const int Cancelled = 130;

    /// <summary>Cancelled by a request to end the process (SIGTERM).</summary>
    public const int Terminated = 143;
}
