using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>The predicting transformer inside what was given, and a calibrator behind it.</summary>
/// <param name="Model">The model's parameters.</param>
/// <param name="Calibrator">The calibrator that follows it, where one does.</param>
/// <param name="FeatureColumn">The column that it reads.</param>
/// <param name="Width">The length of the feature vector.</param>
internal sealed record LocatedPredictor(object Model, ICalibrator? Calibrator, string FeatureColumn, int Width)
{
    /// <exception cref="NotTranslatableException">There is no such transformer, or something else beside it.</exception>
    public static LocatedPredictor In(ITransformer transformer)
    {
        LocatedPredictor? found = null;
        foreach (var part in Flatten(transformer))
        {
            switch (part)
            {
                case ISingleFeaturePredictionTransformer<ICalibrator> calibrator when found is { Calibrator: null }:
                    found = found with { Calibrator = calibrator.Model };
                    break;
                case ISingleFeaturePredictionTransformer<object> predictor when found is null:
                    found = new LocatedPredictor(
                        predictor.Model, null, predictor.FeatureColumnName, VectorLength(predictor.FeatureColumnType));
                    break;
                default:
                    throw new NotTranslatableException(
                        $"{part.GetType().Name.Split('`')[0]} is neither a model of one feature vector nor a calibrator after one.");
            }
        }

        return found ?? throw new NotTranslatableException("There is no model to convert.");
    }

    private static IEnumerable<ITransformer> Flatten(ITransformer transformer) =>
        transformer is IEnumerable<ITransformer> chain ? chain.SelectMany(Flatten) : [transformer];

    private static int VectorLength(DataViewType type) =>
        type is VectorDataViewType { Size: > 0, ItemType: NumberDataViewType item } vector && item == NumberDataViewType.Single
            ? vector.Size
            : throw new NotTranslatableException($"The model reads features of the type {type}, not a vector of Single of known length.");
}
