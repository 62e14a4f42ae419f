namespace MlOps.Sdk.Tracking;

/// <summary>What is checked out of a Git repository, as its own files say.</summary>
internal static class GitCheckout
{
    private const string HeadOfBranch = "ref: ";
    private const string Branches = "refs/heads/";

    // A build server may have no repository around the program.
    private static readonly (string Commit, string Branch)[] s_variables =
    [
        ("GITHUB_SHA", "GITHUB_REF_NAME"), ("CI_COMMIT_SHA", "CI_COMMIT_REF_NAME"), ("BUILD_SOURCEVERSION", "BUILD_SOURCEBRANCHNAME"),
    ];

    /// <summary>The commit and the branch of the first of some folders that is within a repository.</summary>
    public static (string? Commit, string? Branch) Find(params IReadOnlyList<string> folders)
    {
        foreach (var folder in folders)
        {
            try
            {
                if (FindRepository(folder) is { } repository) return Read(repository);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
            {
                // What cannot be read is not known.
            }
        }

        foreach (var (commit, branch) in s_variables)
        {
            if (Environment.GetEnvironmentVariable(commit) is { } found && IsCommit(found))
            {
                return (found, Environment.GetEnvironmentVariable(branch));
            }
        }

        return (null, null);
    }

    private static string? FindRepository(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            var git = Path.Combine(at.FullName, ".git");
            if (Directory.Exists(git)) return git;

            // A work tree beside the repository has a file that says where it is.
            if (File.Exists(git) && FirstLine(git) is { } line && line.StartsWith("gitdir: ", StringComparison.Ordinal))
            {
                return Path.GetFullPath(line["gitdir: ".Length..], at.FullName);
            }
        }

        return null;
    }

    private static (string? Commit, string? Branch) Read(string repository)
    {
        var head = FirstLine(Path.Combine(repository, "HEAD"));
        if (head is null || !head.StartsWith(HeadOfBranch, StringComparison.Ordinal)) return (IsCommit(head) ? head : null, null);
        var name = head[HeadOfBranch.Length..];
        if (!name.StartsWith("refs/", StringComparison.Ordinal) || name.Contains("..", StringComparison.Ordinal)) return (null, null);
        var shared = FirstLine(Path.Combine(repository, "commondir")) is { } common ? Path.GetFullPath(common, repository) : repository;
        var commit = FirstLine(Path.Combine(repository, name)) ?? FirstLine(Path.Combine(shared, name)) ?? Packed(shared, name);
        var branch = name.StartsWith(Branches, StringComparison.Ordinal) ? name[Branches.Length..] : null;
        return (IsCommit(commit) ? commit : null, branch);
    }

    private static string? Packed(string repository, string name)
    {
        var file = Path.Combine(repository, "packed-refs");
        return File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(line => line.EndsWith($" {name}", StringComparison.Ordinal))?.Split(' ')[0]
            : null;
    }

    private static string? FirstLine(string file) => File.Exists(file) ? File.ReadLines(file).FirstOrDefault()?.Trim() : null;

    private static bool IsCommit(string? text) => text is { Length: 40 or 64 } && text.All(char.IsAsciiHexDigit);
}
