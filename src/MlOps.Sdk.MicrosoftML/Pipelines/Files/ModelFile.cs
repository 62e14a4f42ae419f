using Microsoft.ML;

namespace MlOps.Sdk.MLNet;

/// <summary>Writes and loads model files of ML.NET.</summary>
internal static class ModelFile
{
    /// <summary>Saves a transformer.</summary>
    /// <param name="ml">The context that it was made by.</param>
    /// <param name="transformer">The transformer.</param>
    /// <param name="schema">What it reads.</param>
    /// <param name="what">What is saved, as the begin of a sentence.</param>
    /// <exception cref="MlOpsException">A part of it cannot be saved, or would read outside of the file when it is loaded.</exception>
    public static CanonicalZip Save(MLContext ml, ITransformer transformer, DataViewSchema schema, string what)
    {
        using var bytes = new MemoryStream();
        try
        {
            ml.Model.Save(transformer, schema, bytes);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new MlOpsException(
                $"{what} cannot be saved: {e.Message.TrimEnd('.')}.",
                "Use parts that ML.NET can save: a custom mapping needs a contract name and a factory, or becomes a step of ProcessData.",
                e);
        }

        bytes.Position = 0;
        var file = CanonicalZip.Read(bytes);
        OutsideLoaders.Refuse(file);
        return file;
    }

    /// <summary>Loads a transformer, once its file is known to request allowed assemblies only.</summary>
    /// <param name="file">The file.</param>
    /// <param name="allowed">The allowed assemblies.</param>
    /// <param name="schema">The schema that was saved with it; <see langword="null"/> where there is none.</param>
    /// <exception cref="MlOpsException">
    /// The file requests another assembly, a part of it would read outside of the file, or ML.NET cannot read it.
    /// </exception>
    public static ITransformer Load(CanonicalZip file, LoaderAllowList allowed, out DataViewSchema? schema)
    {
        allowed.Check(file);
        try
        {
            using var bytes = new MemoryStream(file.ToBytes(), writable: false);
            return new MLContext(seed: 0).Model.Load(bytes, out schema);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            var cause = e is System.Reflection.TargetInvocationException { InnerException: { } inner } ? inner : e;
            throw new MlOpsException(
                "ML.NET cannot load the model, which was written by " +
                $"{(file.WrittenBy is { } v ? $"its version {v}" : "an unknown version")}: " +
                    $"{cause.Message.TrimEnd('.')}.",
                $"This is version {typeof(MLContext).Assembly.GetName().Version?.ToString(3)}: " +
                "a model of a later version needs a later one. " +
                    "If an assembly is missing, add its package.",
                e);
        }
    }
}
