namespace MlOps.Sdk.MLNet;

/// <summary>The native library of LightGBM, and what it needs.</summary>
internal static class LightGbmLibrary
{
    /// <summary>The failure of a training on a machine that cannot load the library.</summary>
    public static MlOpsException Missing(DllNotFoundException e) => new(
        "The native library of LightGBM cannot be loaded.",
        "On Debian and Ubuntu, including slim images, install its dependency: apt-get install -y libgomp1. " +
            "It exists for linux-x64, osx-x64 and win-x64 only; elsewhere, use MicrosoftML.FastTree() or Trainers.GradientBoosting().",
        e);
}
