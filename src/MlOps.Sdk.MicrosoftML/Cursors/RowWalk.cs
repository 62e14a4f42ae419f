namespace MlOps.Sdk.MLNet;

/// <summary>Which rows a cursor visits.</summary>
/// <param name="Order">The rows in the order of reading; <see langword="null"/> for consecutive ones.</param>
/// <param name="Start">The first row where they are consecutive.</param>
/// <param name="Count">The number of rows of all cursors together.</param>
/// <param name="BlockSize">The rows of a block.</param>
/// <param name="FirstBlock">The first block to read.</param>
/// <param name="BlockStep">How many blocks further the next one is.</param>
/// <param name="CancellationToken">Ends the reading.</param>
internal sealed record RowWalk(
    int[]? Order, int Start, int Count, int BlockSize, int FirstBlock, int BlockStep, CancellationToken CancellationToken);
