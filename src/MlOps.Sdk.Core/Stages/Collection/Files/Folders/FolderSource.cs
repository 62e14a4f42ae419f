using System.IO.Enumeration;
using System.Text;
using System.Text.RegularExpressions;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>The files of a folder, in the ordinal order of their paths, as one table. Thread-safe.</summary>
internal sealed class FolderSource : IDataSource
{
    // What Hive writes for a partition without a value.
    private const string NoValue = "__HIVE_DEFAULT_PARTITION__";
    // A folder of many files that are all alike would say the same of each.
    private const int MostNotes = 20;

    private readonly string _path;
    private readonly string _glob;
    private readonly bool _isDeep;
    private readonly Regex _pattern;
    private readonly Regex _patternOfAnyCase;
    private readonly Func<string, IDataSource> _file;
    private readonly Func<Func<IReadOnlyList<string>>, (IReadOnlyList<string> Names, IReadOnlyList<string> Notes)> _choose;

    /// <param name="path">The folder.</param>
    /// <param name="glob">Which files.</param>
    /// <param name="file">Makes the source of a file from its path.</param>
    /// <param name="choose">Chooses files by their paths in the folder, listed as often as needed; in the same order, with notes.</param>
    public FolderSource(
        string path,
        string glob,
        Func<string, IDataSource> file,
        Func<Func<IReadOnlyList<string>>, (IReadOnlyList<string> Names, IReadOnlyList<string> Notes)>? choose = null)
    {
        _choose = choose ?? (list => (list(), []));
        _path = path;
        _glob = glob;
        _pattern = PatternOf(glob);
        _patternOfAnyCase = new Regex(_pattern.ToString(), _pattern.Options | RegexOptions.IgnoreCase);
        _isDeep = glob.Contains('/');
        _file = file;
        Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(path)) is { Length: > 0 } name ? name : path;
    }

    public string Name { get; }

    public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.BatchSize);
        var earlier = request.After is { } after ? FolderWatermark.Parse(after, Name) : null;
        var parts = new List<FolderPart>();
        List<string> links = [], others = [];
        var (names, notes) = _choose(() => Files(links, others));
        if (names.SelectMany(PartitionOf).FirstOrDefault(folder => request.Personal.Contains(folder.Column)).Column is { } personal)
        {
            throw new MlOpsException(
                "A personal column is part of the paths of the files, which are stored in names and in the watermark.",
                "Write the values into the files instead of the names of folders, " +
                    "or name the folders by a hash of the values.") { DataSource = Name, Column = personal };
        }
        foreach (var name in names)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_file(Path.Combine(_path, name)) is not IFileSource source)
            {
                throw new MlOpsException(
                    "A folder is read file by file, which this source does not support.",
                    "Give a source of a file: DataSources.Csv, JsonLines or Arrow.") { DataSource = name };
            }
            var part = await source
                .As(name)
                .InspectAsync(request with { Columns = null, After = null }, cancellationToken).ConfigureAwait(false);
            if (earlier?.VersionOf(name) is { } version && version != part.Version.Value)
            {
                throw new MlOpsException(
                    "The file was read before and has changed since, so new rows cannot be determined.",
                    "Write new rows into new files, or run once without OnlyNew to read everything again.") { DataSource = name };
            }
            parts.Add(part with { Partition = PartitionOf(name) });
        }

        if (parts.Count == 0)
        {
            string[] reasons = [.. LeftOut(links, others)];
            throw new MlOpsException(
                string.Join(": ", [$"No file of the folder matches '{_glob}'", .. reasons]) + ".",
                reasons.Length == 0
                    ? "Check the folder and the pattern; '**/' matches any number of folders."
                    : "Copy what links lead to into the folder, and write names as the pattern does.") { DataSource = Name };
        }
        if (parts.Sum(part => part.Records) == 0)
        {
            throw new MlOpsException("The files of the folder have no rows.", "Give at least one row.") { DataSource = Name };
        }
        var table = FolderTable.Join(parts, request.Columns, Name);
        return new FolderScan(
            table,
            [.. parts.Where(part => earlier?.VersionOf(part.Name) is null)],
            FolderWatermark.Of(parts, earlier),
            FolderWatermark.VersionOf(parts),
            [.. notes, .. LeftOut(links, others).Select(note => $"{Name}: {note}."), .. NotesOf(parts)]);
    }

    // Links are not followed: a folder would otherwise show files from anywhere, and some of them twice.
    private IEnumerable<string> LeftOut(List<string> links, List<string> others)
    {
        if (links.Count > 0) yield return $"links are not followed, and {Named(links)} left out";
        if (others.Count > 0) yield return $"'{_glob}' is matched with upper and lower case, and {Named(others)} left out";

        static string Named(List<string> names)
        {
            names.Sort(StringComparer.Ordinal);
            var more = names.Count > 3 ? FormattableString.Invariant($" and {names.Count - 3:N0} more") : "";
            return $"{string.Join(", ", names.Take(3).Select(name => $"'{PrintableText.Shorten(name)}'"))}{more} " +
                $"{(names.Count == 1 ? "was" : "were")}";
        }
    }

    // A file may lack a column that others have; one that all lack is noted.
    private List<string> NotesOf(List<FolderPart> parts)
    {
        List<string> notes =
        [
            .. FileInspection.NotesOf(parts[0].Absent.Where(column => parts.TrueForAll(part => part.Absent.Contains(column))), Name),
            .. parts.SelectMany(part => part.Notes)
        ];
        if (notes.Count <= MostNotes) return notes;
        var more = notes.Count - MostNotes;
        return [.. notes.Take(MostNotes), FormattableString.Invariant($"{Name}: {more} more of this kind.")];
    }

    private List<string> Files(List<string> links, List<string> others)
    {
        if (!Directory.Exists(_path))
        {
            throw new MlOpsException(
                "The folder does not exist.",
                $"Check the path '{_path}', which is relative to the working directory unless it is rooted.") { DataSource = Name };
        }
        try
        {
            var options = new EnumerationOptions
            {
                RecurseSubdirectories = true,
                AttributesToSkip = 0,
                IgnoreInaccessible = false
            };
            var files = new FileSystemEnumerable<(string Name, bool IsLink)>(
                _path,
                (ref FileSystemEntry entry) => (
                    Path.GetRelativePath(_path, entry.ToFullPath()).Replace(Path.DirectorySeparatorChar, '/'), IsLink(ref entry)),
                options)
            {
                ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory || IsLink(ref entry),
                ShouldRecursePredicate = (ref FileSystemEntry entry) => !IsLink(ref entry),
            };
            var names = new List<string>();
            var tables = new HashSet<LoggedTable>();
            links.Clear();
            others.Clear();
            foreach (var (name, isLink) in files)
            {
                if (isLink)
                {
                    // Files below a folder may match as well.
                    if (_pattern.IsMatch(name) || _isDeep && Directory.Exists(Path.Combine(_path, name))) links.Add(name);
                    continue;
                }
                if (LoggedTable.Of(name) is { } table) tables.Add(table);
                if (_pattern.IsMatch(name)) names.Add(name);
                else if (_patternOfAnyCase.IsMatch(name)) others.Add(name);
            }

            LoggedTable.Reject(tables, names, Name);
            LoggedTable.RejectAbove(_path, names, Name);
            names.Sort(StringComparer.Ordinal);
            return names;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new MlOpsException(
                "The folder cannot be read.", "Check that this process may read the folder and those in it.", e) { DataSource = Name };
        }
    }

    private static bool IsLink(ref FileSystemEntry entry) => (entry.Attributes & FileAttributes.ReparsePoint) != 0;

    /// <summary>The columns that the folders of a file are named after, with their values.</summary>
    public static (string Column, string? Value)[] PartitionOf(string name)
    {
        var partition = new List<(string, string?)>();
        var folders = name.Split('/')[..^1];
        foreach (var folder in folders)
        {
            var equals = folder.IndexOf('=');
            if (equals <= 0) continue;
            var value = Uri.UnescapeDataString(folder[(equals + 1)..]);
            partition.Add((Uri.UnescapeDataString(folder[..equals]), value is NoValue or "" ? null : value));
        }

        return [.. partition];
    }

    /// <summary>What matches the paths of files that a pattern means.</summary>
    /// <exception cref="MlOpsException">The pattern is not valid.</exception>
    public static Regex PatternOf(string glob)
    {
        var parts = glob.Split('/');
        if (glob.Contains('\\')
            || parts.Any(part => part is "" or "." or ".." || part.Contains("**", StringComparison.Ordinal) && part != "**")
            || parts[^1] == "**")
        {
            throw new MlOpsException(
                $"'{glob}' is not a valid file pattern.",
                "Give a pattern such as \"*.csv\" or \"**/*.csv\", with '/' between folders: " +
                    "'*' matches any characters of a name, '?' one character, '**' any number of folders.");
        }
        var pattern = new StringBuilder("^");
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i] == "**")
            {
                pattern.Append("(?:[^/]+/)*");
            }
            else
            {
                pattern
                    .Append(Regex.Escape(parts[i]).Replace(@"\*", "[^/]*").Replace(@"\?", "[^/]"))
                    .Append(i < parts.Length - 1 ? "/" : "");
            }
        }

        return new Regex(
            pattern.Append(@"\z").ToString(),
            RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline);
    }
}
