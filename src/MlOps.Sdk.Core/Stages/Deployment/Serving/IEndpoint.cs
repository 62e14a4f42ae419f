namespace MlOps.Sdk.Deployment;

/// <summary>Predicts with the version that is live. Thread-safe; the version may change between two calls, never within one.</summary>
/// <typeparam name="TIn">
/// A class or struct with a property for every column that the model reads (see <see cref="Data.ColumnAttribute"/> for names).
/// </typeparam>
/// <typeparam name="TOut">The answer: see <see cref="Endpoint{TIn, TOut}"/>.</typeparam>
public interface IEndpoint<TIn, TOut>
{
    /// <summary>The endpoint's name.</summary>
    string Name { get; }

    /// <summary>Whether a version is live in this process and the model is not stopped, so that rows can be predicted.</summary>
    bool IsLive { get; }

    /// <summary>Predicts. Allocates nothing after warm-up when <typeparamref name="TOut"/> is a struct without arrays.</summary>
    /// <param name="row">The row. NaN is a missing value, and so are infinite numbers where the built-in transforms read numbers.</param>
    /// <exception cref="ModelNotLiveException">No version is live in this process.</exception>
    /// <exception cref="ModelStoppedException">The model is stopped.</exception>
    /// <exception cref="InputRejectedException">The input contract of the version rejects it; nothing is predicted.</exception>
    /// <exception cref="MlOpsException">
    /// The live version reads a column that <typeparamref name="TIn"/> does not have, or that does not fit its property.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The workspace is disposed of.</exception>
    Prediction<TOut> Predict(TIn row);

    /// <summary>Predicts under an id of the application's own: predicting again under the same id is recorded once.</summary>
    /// <param name="row">The row. NaN is a missing value, and so are infinite numbers where the built-in transforms read numbers.</param>
    /// <param name="id">The id, for example <see cref="PredictionId.FromKey"/> of an order number.</param>
    /// <exception cref="ModelNotLiveException">No version is live in this process.</exception>
    /// <exception cref="ModelStoppedException">The model is stopped.</exception>
    /// <exception cref="InputRejectedException">The input contract of the version rejects it; nothing is predicted.</exception>
    /// <exception cref="MlOpsException">
    /// The live version reads a column that <typeparamref name="TIn"/> does not have, or that does not fit its property.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The workspace is disposed of.</exception>
    /// <exception cref="ArgumentException">The id is <see langword="default"/>.</exception>
    Prediction<TOut> Predict(TIn row, PredictionId id);

    /// <summary>
    /// Predicts, and lets a key decide which arm answers where calls are divided over versions (<see cref="ModelTraffic"/>): the same key
    /// is answered by the same arm.
    /// </summary>
    /// <param name="row">The row. NaN is a missing value, and so are infinite numbers where the built-in transforms read numbers.</param>
    /// <param name="id">The id, for example <see cref="PredictionId.New"/>.</param>
    /// <param name="key">The key, for example a customer's number.</param>
    /// <exception cref="ModelNotLiveException">No version is live in this process.</exception>
    /// <exception cref="ModelStoppedException">The model is stopped.</exception>
    /// <exception cref="InputRejectedException">The input contract of the version rejects it; nothing is predicted.</exception>
    /// <exception cref="MlOpsException">
    /// The version reads a column that <typeparamref name="TIn"/> does not have, or that does not fit its property.
    /// </exception>
    /// <exception cref="ArgumentException">The id is <see langword="default"/>, or the key is empty.</exception>
    /// <exception cref="ObjectDisposedException">The workspace is disposed of.</exception>
    Prediction<TOut> Predict(TIn row, PredictionId id, string key);

    /// <summary>
    /// Predicts many rows in blocks, all with one version: the same scores, to the last bit, as row by row, and a new id for each row.
    /// Recorded for monitoring like single predictions: what finds no room is dropped and counted. Where predictions are recorded, the
    /// properties of more than 256 rows are read twice. Allocates nothing after warm-up when <typeparamref name="TOut"/> is a struct
    /// without arrays.
    /// </summary>
    /// <param name="rows">The rows, none of them null; may be empty.</param>
    /// <param name="answers">
    /// Receives the answers in the order of the rows, from its beginning; what is longer than the rows is left alone.
    /// </param>
    /// <exception cref="ArgumentException">
    /// <paramref name="answers"/> is shorter than <paramref name="rows"/>, or a row is null; nothing is predicted.
    /// </exception>
    /// <exception cref="ModelNotLiveException">No version is live in this process.</exception>
    /// <exception cref="ModelStoppedException">The model is stopped.</exception>
    /// <exception cref="InputRejectedException">The input contract of the version rejects it; nothing is predicted.</exception>
    /// <exception cref="MlOpsException">
    /// A row cannot be predicted: the message names its index, counted from 0. Then none of the call's rows is recorded, and what
    /// <paramref name="answers"/> holds is of no use. Or the live version reads a column that <typeparamref name="TIn"/> does not have.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The workspace is disposed of.</exception>
    void PredictAll(ReadOnlySpan<TIn> rows, Span<Prediction<TOut>> answers);
}
