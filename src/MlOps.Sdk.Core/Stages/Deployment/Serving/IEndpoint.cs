namespace MlOps.Sdk.Deployment;

/// <summary>Predicts with the version that is live. Thread-safe; the version may change between two calls, never within one.</summary>
/// <typeparam name="TIn">
/// A class or struct with a property for every column that the model reads (see <see cref="Data.ColumnAttribute"/> for names).
/// </typeparam>
/// <typeparam name="TOut">The answer: see <see cref="Endpoint{TIn, TOut}"/>.</typeparam>
public interface IEndpoint<in TIn, TOut>
{
    /// <summary>The endpoint's name.</summary>
    string Name { get; }

    /// <summary>Whether a version is live in this process, so that rows can be predicted.</summary>
    bool IsLive { get; }

    /// <summary>Predicts. Allocates nothing after warm-up when <typeparamref name="TOut"/> is a struct without arrays.</summary>
    /// <param name="row">The row. NaN is a missing value, and so are infinite numbers where the built-in transforms read numbers.</param>
    /// <exception cref="ModelNotLiveException">No version is live in this process.</exception>
    /// <exception cref="MlOpsException">
    /// The live version reads a column that <typeparamref name="TIn"/> does not have, or that does not fit its property.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The workspace is disposed of.</exception>
    Prediction<TOut> Predict(TIn row);

    /// <summary>Predicts under an id of the application's own: predicting again under the same id is recorded once.</summary>
    /// <param name="row">The row. NaN is a missing value, and so are infinite numbers where the built-in transforms read numbers.</param>
    /// <param name="id">The id, for example <see cref="PredictionId.FromKey"/> of an order number.</param>
    /// <exception cref="ModelNotLiveException">No version is live in this process.</exception>
    /// <exception cref="MlOpsException">
    /// The live version reads a column that <typeparamref name="TIn"/> does not have, or that does not fit its property.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The workspace is disposed of.</exception>
    /// <exception cref="ArgumentException">The id is <see langword="default"/>.</exception>
    Prediction<TOut> Predict(TIn row, PredictionId id);
}
