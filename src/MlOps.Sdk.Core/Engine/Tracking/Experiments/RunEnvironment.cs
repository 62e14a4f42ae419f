using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Tracking;

/// <summary>Where a run was executed, and with what code: noted when it begins.</summary>
public sealed record RunEnvironment
{
    // The serializer sets what is absent from a file to null.
    private readonly IReadOnlyDictionary<string, string> _packages = new Dictionary<string, string>();

    /// <summary>The machine's name.</summary>
    public required string Machine { get; init; }

    /// <summary>The operating system with its version.</summary>
    public required string OperatingSystem { get; init; }

    /// <summary>The runtime with its version.</summary>
    public required string Framework { get; init; }

    /// <summary>The architecture of the process, such as <c>X64</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>How many processors the process may use.</summary>
    public required int Processors { get; init; }

    /// <summary>The command line, without what looks like a secret.</summary>
    public required string Command { get; init; }

    /// <summary>The program's name and version; <see langword="null"/> when the process has no managed entry point.</summary>
    public string? Program { get; init; }

    /// <summary>
    /// The commit of the code: of the build server's variables, or of the Git repository around the current directory or the program;
    /// <see langword="null"/> where there is none. Changes that are not committed are not noticed.
    /// </summary>
    public string? GitCommit { get; init; }

    /// <summary>The branch that is checked out; <see langword="null"/> when it is not known.</summary>
    public string? GitBranch { get; init; }

    /// <summary>The packages of the program with their versions; empty when it was published without a list of them.</summary>
    public IReadOnlyDictionary<string, string> Packages
    {
        get => _packages;
        init => _packages = value ?? new Dictionary<string, string>();
    }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
