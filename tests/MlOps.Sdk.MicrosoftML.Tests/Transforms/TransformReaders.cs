using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.MLNet;

/// <summary>Registers the readers of the package where a contract asks for it.</summary>
internal static class TransformReaders
{
    public static void AddTo(FormatReaders readers)
    {
        foreach (var format in MicrosoftMLReaders.All(new LoaderAllowList())) format.AddToReaders(readers);
    }
}
