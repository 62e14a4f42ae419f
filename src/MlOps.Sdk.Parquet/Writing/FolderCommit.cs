using System.Text;
using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Collection;

/// <summary>
/// The files of one table on their way into a folder. They are written below a hidden folder under names that no reader looks for. A list
/// of where they belong is the moment at which the table is complete: until all are renamed and the list is gone, readers leave them out;
/// when the process is killed in between, whoever writes next renames the rest.
/// </summary>
internal sealed class FolderCommit : ITableCommit
{
    private const string StagePrefix = ".mlops-stage-";
    private const string ListPrefix = ".mlops-commit-";
    private const string LockName = "lock";

    // 500 paths of files are far less.
    private const long LongestList = 16 << 20;
    private readonly string _folder;
    private readonly string _id;
    private readonly FileStream _lock;
    private readonly List<string> _targets = [];
    private readonly List<FileStream> _files = [];
    private readonly string _prefix;

    private FolderCommit(string folder, string id, string prefix, FileStream @lock)
    {
        _folder = folder;
        _id = id;
        _prefix = prefix;
        _lock = @lock;
    }

    private string Stage => Path.Combine(_folder, StagePrefix + _id);

    /// <param name="folder">The folder.</param>
    /// <param name="prefix">What the names of the files begin with, as no others do.</param>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="MlOpsException">A list that was left in the folder is none that this library writes.</exception>
    public static FolderCommit Begin(string folder, string prefix)
    {
        PrivateFiles.CreateFolder(folder);
        Repair(folder);
        var id = Guid.NewGuid().ToString("N");
        var stage = Path.Combine(folder, StagePrefix + id);
        PrivateFiles.CreateFolder(stage);
        return new FolderCommit(folder, id, prefix, PrivateFiles.CreateFile(Path.Combine(stage, LockName)));
    }

    /// <summary>The files of tables that are complete but not all in their places, by their paths in the folder.</summary>
    /// <exception cref="MlOpsException">A list is none that this library writes.</exception>
    public static IReadOnlySet<string> PendingIn(string folder)
    {
        var pending = new HashSet<string>(StringComparer.Ordinal);
        if (!Directory.Exists(folder)) return pending;
        foreach (var list in Directory.GetFiles(folder, ListPrefix + "*.txt"))
        {
            try
            {
                pending.UnionWith(ReadList(folder, list));
            }
            catch (FileNotFoundException)
            {
                // The table is in its place by now.
            }
        }

        return pending;
    }

    public string NameOf(int number) => FormattableString.Invariant($"{_prefix}-{number:D5}.parquet");

    // How long names may be is for the file system to say.
    public bool CanKeep(string target) => true;

    public FileStream Create(string target)
    {
        _targets.Add(target);
        _files.Add(PrivateFiles.CreateFile(StagedPath(Stage, _targets.Count - 1)));
        return _files[^1];
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">A folder is a link that leads elsewhere, or something cannot be written.</exception>
    public async ValueTask CompleteAsync(long rows, CancellationToken cancellationToken)
    {
        foreach (var file in _files)
        {
            file.Flush(flushToDisk: true);
            await file.DisposeAsync().ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
        foreach (var target in _targets) CreateFolders(_folder, target);
        var list = Path.Combine(_folder, ListPrefix + _id);
        using (var file = PrivateFiles.CreateFile(list + ".tmp"))
        {
            file.Write(Encoding.UTF8.GetBytes(string.Join('\n', _targets)));
            file.Flush(flushToDisk: true);
        }

        File.Move(list + ".tmp", list + ".txt");
        Apply(_folder, _id, _targets);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var file in _files) await file.DisposeAsync().ConfigureAwait(false);
        await _lock.DisposeAsync().ConfigureAwait(false);
        if (!File.Exists(Path.Combine(_folder, $"{ListPrefix}{_id}.txt")))
        {
            File.Delete(Path.Combine(_folder, $"{ListPrefix}{_id}.tmp"));
            Delete(Stage);
        }
    }

    private static void Repair(string folder)
    {
        MlOpsException? forged = null;
        foreach (var stage in Directory.GetDirectories(folder, StagePrefix + "*"))
        {
            var id = Path.GetFileName(stage)[StagePrefix.Length..];
            try
            {
                // What a link leads to was not written here.
                if (new DirectoryInfo(stage).LinkTarget is not null) continue;

                // Whoever lives holds the lock.
                using var held = new FileStream(Path.Combine(stage, LockName), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
                var list = Path.Combine(folder, $"{ListPrefix}{id}.txt");
                if (File.Exists(list))
                {
                    var targets = ReadList(folder, list);
                    if (!targets.All(target => IsInside(folder, target))) throw Forged(folder, list);
                    foreach (var target in targets) CreateFolders(folder, target);
                    Apply(folder, id, targets);
                }
                File.Delete(Path.Combine(folder, $"{ListPrefix}{id}.tmp"));
                Delete(stage);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Somebody writes it, has just repaired it, or may do what this process may not.
            }
            catch (MlOpsException e)
            {
                // The tables of others are repaired all the same.
                forged ??= e;
            }
        }

        if (forged is not null) throw forged;
    }

    private static string[] ReadList(string folder, string list)
    {
        var file = new FileInfo(list);
        return file.LinkTarget is null && (!file.Exists || file.Length <= LongestList)
            ? File.ReadAllLines(list)
            : throw Forged(folder, list);
    }

    // Whoever may write into the folder may write a list, too: nothing is moved to where this library would not write.
    private static bool IsInside(string folder, string target)
    {
        var parts = target.Split('/');
        if (!parts.All(ObjectKey.IsValid) || target.Contains(':') || !target.EndsWith(".parquet", StringComparison.Ordinal)) return false;
        for (var i = 1; i < parts.Length; i++)
        {
            if (new DirectoryInfo(Path.Combine([folder, .. parts[..i]])).LinkTarget is not null) return false;
        }

        return true;
    }

    // Without what is in it, which may be a file from anywhere.
    private static MlOpsException Forged(string folder, string list) => new(
        $"The file '{PrintableText.Clean(Path.GetFileName(list))}' does not list files of a table in the folder, or lists one behind a " +
            "link. Nothing was moved.",
        "Find out who wrote it: this library does not write such a list. Then delete it, and the folder " +
            $"'{StagePrefix}…' of the same end beside it if its files are not needed.") { DataSource = Path.GetFileName(folder) };

    private static void Apply(string folder, string id, IReadOnlyList<string> targets)
    {
        for (var i = 0; i < targets.Count; i++)
        {
            var staged = StagedPath(Path.Combine(folder, StagePrefix + id), i);
            if (File.Exists(staged)) File.Move(staged, Path.Combine(folder, targets[i]));
        }

        File.Delete(Path.Combine(folder, $"{ListPrefix}{id}.txt"));
    }

    private static string StagedPath(string stage, int index) => Path.Combine(stage, FormattableString.Invariant($"{index}.tmp"));

    // A link among the folders would lead what is written out of the folder.
    private static void CreateFolders(string folder, string target)
    {
        var path = folder;
        foreach (var name in target.Split('/')[..^1])
        {
            path = Path.Combine(path, name);
            if (!Directory.Exists(path)) PrivateFiles.CreateFolder(path);
            if (new DirectoryInfo(path).LinkTarget is not null) throw new IOException($"'{name}' is a link to another folder.");
        }
    }

    private static void Delete(string stage)
    {
        if (Directory.Exists(stage)) Directory.Delete(stage, recursive: true);
    }
}
