namespace MlOps.Sdk.Data;

/// <summary>How a column stands in an Arrow file.</summary>
/// <param name="Field">The column.</param>
/// <param name="Dictionary">The dictionary of a text column; <see langword="null"/> when its texts stand in the batches.</param>
/// <param name="IndexSize">Bytes of a code of the dictionary.</param>
/// <param name="TimeUnit">The unit of a timestamp: 0 for seconds, to 3 for nanoseconds.</param>
internal sealed record ArrowColumn(Field Field, long? Dictionary = null, int IndexSize = 4, short TimeUnit = ArrowFormat.Microsecond);
