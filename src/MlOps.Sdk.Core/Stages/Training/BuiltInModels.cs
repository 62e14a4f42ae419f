using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Training;

/// <summary>The readers of the models that come with the library.</summary>
internal static class BuiltInModels
{
    public static void AddTo(FormatReaders readers) => readers
        .Add<IModel>(BaselineModel.Format, BaselineModel.Read)
        .Add<IModel>(LinearModel.Format, LinearModel.Read)
        .Add<IModel>(LinearModel.LinkedFormat, LinearModel.ReadLinked)
        .Add<IModel>(AdditiveModel.Format, AdditiveModel.Read)
        .Add<IModel>(TreesModel.Format, TreesModel.Read)
        .Add<IModel>(GradientBoostingModel.Format, GradientBoostingModel.Read);
}
