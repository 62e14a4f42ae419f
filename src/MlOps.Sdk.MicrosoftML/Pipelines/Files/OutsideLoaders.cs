namespace MlOps.Sdk.MLNet;

/// <summary>
/// Parts of ML.NET whose loading reads outside of the model file. They are rejected whoever made the file: a path or an address in a file
/// is a way to make the process that loads it open that file, log on to that server, or wait forever.
/// </summary>
internal static class OutsideLoaders
{
    // Word embeddings are not saved with the model: loading it reads them from a path that the model names, or downloads them.
    private static readonly HashSet<string> s_names = new(StringComparer.OrdinalIgnoreCase) { "WordEmbeddingsTransform" };

    /// <summary>Rejects a file that has such a part; nothing is loaded.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="MlOpsException">A part of it would read outside of the file.</exception>
    public static void Refuse(CanonicalZip file)
    {
        foreach (var (entry, loader) in LoaderHeaders.LoadersOf(file))
        {
            // ML.NET compares names without case and surrounding blanks.
            if (!s_names.Contains(loader.Trim())) continue;
            throw new MlOpsException(
                $"The model needs '{Printable.Text(loader)}' (entry '{Printable.Text(entry)}'), which reads from a path or an address " +
                    "outside the model file when it is loaded. Nothing was loaded.",
                "Use parts whose data are saved with the model: look word embeddings up in a step of ProcessData, or use FeaturizeText.");
        }
    }
}
