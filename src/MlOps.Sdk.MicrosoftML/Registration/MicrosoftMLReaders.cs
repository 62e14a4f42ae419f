namespace MlOps.Sdk.MLNet;

/// <summary>The readers of everything that the package saves.</summary>
internal static class MicrosoftMLReaders
{
    /// <summary>Under which an import finds the workspace's list, as it reads a file that no package has yet.</summary>
    public const string AllowList = "mlops.microsoft-ml.allow-list/1";

    /// <summary>The readers.</summary>
    /// <param name="allowed">The assemblies whose code a saved model may request.</param>
    public static IReadOnlyList<SavedFormat> All(LoaderAllowList allowed) =>
    [
        SavedFormat.Of(AllowList, _ => allowed),
        SavedFormat.Of(TransformerModel.Format, bytes => TransformerModel.Read(bytes, allowed)),
        SavedFormat.Of(PipelineModel.Format, bytes => PipelineModel.Read(bytes, allowed)),
        SavedFormat.Of(FittedEstimatorTransform.Format, bytes => FittedEstimatorTransform.Read(bytes, allowed)),
    ];
}
