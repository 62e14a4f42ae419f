namespace MlOps.Sdk.Tool;

/// <summary>A file that is replaced once what is written is whole.</summary>
internal static class WholeFile
{
    /// <summary>Writes beside the file, and moves it there at the end. What fails or is cancelled leaves the file as it was.</summary>
    public static async Task<T> WriteAsync<T>(string path, Func<Stream, Task<T>> write)
    {
        var partial = $"{path}.partial-{Guid.NewGuid():N}";
        try
        {
            T result;
            var file = File.Create(partial);
            await using (file.ConfigureAwait(false))
            {
                result = await write(file).ConfigureAwait(false);
            }
            File.Move(partial, path, overwrite: true);
            return result;
        }
        finally
        {
            // After a move there is none.
            File.Delete(partial);
        }
    }
}
