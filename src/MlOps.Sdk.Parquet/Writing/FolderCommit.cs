using System.Text;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Collection;

/// <summary>
/// The files of one table on their way into a folder. They are written below a hidden folder under names that no reader looks for. A list
/// of where they belong is the moment at which the table is complete: until all are renamed and the list is gone, readers leave them out;
/// when the process is killed in between, whoever writes next renames the rest.
/// </summary>
internal sealed class FolderCommit : IDisposable
{
    private const string StagePrefix = ".mlops-stage-";
    private const string ListPrefix = ".mlops-commit-";
    private const string LockName = "lock";
    private readonly string _folder;
    private readonly string _id;
    private readonly FileStream _lock;
    private readonly List<string> _targets = [];

    private FolderCommit(string folder, string id, FileStream @lock)
    {
        _folder = folder;
        _id = id;
        _lock = @lock;
    }

    private string Stage => Path.Combine(_folder, StagePrefix + _id);

    public static FolderCommit Begin(string folder)
    {
        PrivateFiles.CreateFolder(folder);
        Repair(folder);
        var id = Guid.NewGuid().ToString("N");
        var stage = Path.Combine(folder, StagePrefix + id);
        PrivateFiles.CreateFolder(stage);
        return new FolderCommit(folder, id, PrivateFiles.CreateFile(Path.Combine(stage, LockName)));
    }

    /// <summary>The files of tables that are complete but not all in their places, by their paths in the folder.</summary>
    public static IReadOnlySet<string> PendingIn(string folder)
    {
        var pending = new HashSet<string>(StringComparer.Ordinal);
        if (!Directory.Exists(folder)) return pending;
        foreach (var list in Directory.GetFiles(folder, ListPrefix + "*.txt"))
        {
            try
            {
                pending.UnionWith(File.ReadAllLines(list));
            }
            catch (FileNotFoundException)
            {
                // The table is in its place by now.
            }
        }

        return pending;
    }

    /// <summary>Creates a file that will have a path in the folder.</summary>
    public FileStream Create(string target)
    {
        _targets.Add(target);
        return PrivateFiles.CreateFile(StagedPath(Stage, _targets.Count - 1));
    }

    /// <summary>Moves all files to where they belong. They are closed, and on the disk.</summary>
    /// <exception cref="IOException">A folder is a link that leads elsewhere, or something cannot be written.</exception>
    public void Complete()
    {
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

    public void Dispose()
    {
        _lock.Dispose();
        if (!File.Exists(Path.Combine(_folder, $"{ListPrefix}{_id}.txt")))
        {
            File.Delete(Path.Combine(_folder, $"{ListPrefix}{_id}.tmp"));
            Delete(Stage);
        }
    }

    private static void Repair(string folder)
    {
        foreach (var stage in Directory.GetDirectories(folder, StagePrefix + "*"))
        {
            var id = Path.GetFileName(stage)[StagePrefix.Length..];
            try
            {
                // Whoever lives holds the lock.
                using var held = new FileStream(Path.Combine(stage, LockName), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
                var list = Path.Combine(folder, $"{ListPrefix}{id}.txt");
                if (File.Exists(list)) Apply(folder, id, File.ReadAllLines(list));
                File.Delete(Path.Combine(folder, $"{ListPrefix}{id}.tmp"));
                Delete(stage);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Somebody writes it, has just repaired it, or may do what this process may not.
            }
        }
    }

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
