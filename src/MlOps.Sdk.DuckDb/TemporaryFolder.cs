namespace MlOps.Sdk.Collection;

/// <summary>
/// The folder for temporary files of this process: no other user may read it or guess its name, and it is removed when the process ends.
/// </summary>
internal static class TemporaryFolder
{
    private static readonly Lazy<string> Created = new(Create);

    public static string Path => Created.Value;

    private static string Create()
    {
        var folder = Directory.CreateTempSubdirectory("mlops-duckdb-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Remove(folder);
        return folder;
    }

    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A query that still runs writes there; the system clears its temporary folder.
        }
    }
}
