using System.Runtime.CompilerServices;
using Microsoft.ML;

namespace MlOps.Sdk.MLNet;

/// <summary>Asks an estimator whether it could be fitted on some columns, before rows are read.</summary>
internal static class EstimatorShape
{
    /// <summary>Why the estimator cannot be fitted; <see langword="null"/> when it can, or does not say.</summary>
    public static string? Mismatch(IEstimator<ITransformer> estimator, DataViewSchema schema)
    {
        try
        {
            estimator.GetOutputSchema(ShapeOf(null, schema));
            return null;
        }
        catch (Exception e) when (e is NotImplementedException or NotSupportedException)
        {
            return null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return e.Message;
        }
    }

    // The shape of a schema, which every estimator understands, can only be made by ML.NET. A test watches that it stays so.
    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "Create")]
    private static extern SchemaShape ShapeOf(SchemaShape? type, DataViewSchema schema);
}
