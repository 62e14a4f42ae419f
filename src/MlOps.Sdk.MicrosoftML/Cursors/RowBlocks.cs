namespace MlOps.Sdk.MLNet;

/// <summary>The rows of a view, dealt to its cursors in blocks. Immutable and thread-safe.</summary>
/// <param name="start">The first row where they are consecutive.</param>
/// <param name="count">The number of rows.</param>
/// <param name="rows">The rows, in order; <see langword="null"/> for consecutive ones.</param>
/// <param name="blockSize">The rows of a block: so many that cursors seldom meet, and so few that all have work.</param>
/// <param name="cancellationToken">Ends the reading.</param>
internal sealed class RowBlocks(int start, int count, int[]? rows, int blockSize, CancellationToken cancellationToken)
{
    /// <summary>The walk of a cursor over all rows.</summary>
    /// <param name="random">Gives the order; <see langword="null"/> for that of the view.</param>
    public RowWalk All(Random? random) => new(Order(random), start, count, Math.Max(count, 1), 0, 1, cancellationToken);

    /// <summary>The walks of cursors that share the rows.</summary>
    /// <param name="wanted">How many are wanted; fewer are made of few rows.</param>
    /// <param name="random">Gives the order; <see langword="null"/> for that of the view.</param>
    public RowWalk[] Shared(int wanted, Random? random)
    {
        var order = Order(random);
        var walks = new RowWalk[Math.Clamp(wanted, 1, Math.Max(1, (count + blockSize - 1) / blockSize))];
        for (var i = 0; i < walks.Length; i++) walks[i] = new(order, start, count, blockSize, i, walks.Length, cancellationToken);
        return walks;
    }

    private int[]? Order(Random? random)
    {
        if (random is null) return rows;
        var order = RowOrder.Shuffled(count, random);
        for (var i = 0; i < order.Length; i++) order[i] = rows is null ? start + order[i] : rows[order[i]];
        return order;
    }
}
