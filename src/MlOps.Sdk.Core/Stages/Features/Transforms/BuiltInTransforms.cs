using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Features;

/// <summary>The readers of the transforms that come with the library.</summary>
internal static class BuiltInTransforms
{
    public static void AddTo(FormatReaders readers) => readers
        .Add<IFittedTransform>(FittedAutoTransform.Format, FittedAutoTransform.Read)
        .Add<IFittedTransform>(FittedNumericTransform.Format, FittedNumericTransform.Read)
        .Add<IFittedTransform>(FittedOneHotTransform.Format, FittedOneHotTransform.Read);
}
